"""All that is said in the files of a registry folder, with positions, and all that is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from disclosure_consumers.registry_folder.document import Document, read_document
from disclosure_consumers.registry_folder.form_problems import validated
from disclosure_consumers.registry_folder.forms import (
    NoticeForm,
    PolicyForm,
    RecipientForm,
    RecipientsForm,
    TaxonomyForm,
)
from disclosure_consumers.registry_folder.problems import Path, Problem, shown

TAXONOMY, RECIPIENTS, POLICY = "taxonomy.yaml", "recipients.yaml", "policy.yaml"
NOTICES = "notices/"


@dataclass(slots=True)
class Contents:
    """Forms of every entry that has the form it must have; `problems` tells of the others.

    `names`: of all files, those that cannot be read too. `notices`: by file name (`notices/neutral.yaml`).
    `taxonomy`: None if it cannot be read.
    """

    names: tuple[str, ...] = ()
    documents: dict[str, Document] = field(default_factory=dict)
    taxonomy: TaxonomyForm | None = None
    recipients: dict[str, RecipientForm] = field(default_factory=dict)
    notices: dict[str, NoticeForm] = field(default_factory=dict)
    policy: PolicyForm = field(default_factory=PolicyForm)
    problems: list[Problem] = field(default_factory=list)

    def add(self, code: str, file: str, path: Path, text: str) -> None:
        """Note something wrong with an entry."""
        self.problems.append(self.problem(code, file, path, text))

    def problem(self, code: str, file: str, path: Path, text: str) -> Problem:
        """Something wrong with an entry of a file."""
        document = self.documents.get(file)
        return document.problem(code, path, text) if document else Problem(code, file, None, "", text)

    def line(self, file: str, path: Path) -> int | None:
        """Line of an entry."""
        document = self.documents.get(file)
        return document.line(path) if document else None


def contents_of(files: Mapping[str, bytes]) -> Contents:
    """Read the files of a folder (name to bytes): their YAML and the form of each entry.

    Whether entries go together is another question: `disclosure_consumers.registry_folder.consistency`.
    """
    contents = Contents(names=tuple(sorted(files)))
    for name in contents.names:
        document, problems = read_document(name, files[name])
        contents.problems += problems
        if document is not None:
            contents.documents[name] = document
    _require(contents)
    _read_taxonomy(contents)
    _read_recipients(contents)
    for name in contents.names:
        if name.startswith(NOTICES):
            _read_notice(contents, name)
    _read_policy(contents)
    return contents


def _require(contents: Contents) -> None:
    for name in (TAXONOMY, RECIPIENTS):
        if name not in contents.names:
            text = "the registry has no such file. Begin with a copy of the example registry."
            contents.problems.append(Problem("file_missing", name, None, "", text))
    if not any(name.startswith(NOTICES) for name in contents.names):
        text = "the registry has no notice: expected at least one file notices/*.yaml."
        contents.problems.append(Problem("file_missing", NOTICES, None, "", text))


def _read_taxonomy(contents: Contents) -> None:
    document = contents.documents.get(TAXONOMY)
    if document is not None:
        contents.taxonomy, problems = validated(TaxonomyForm, document, document.data)
        contents.problems += problems


def _read_recipients(contents: Contents) -> None:
    document = contents.documents.get(RECIPIENTS)
    if document is None or document.data is None:
        return  # a file without entries: nobody receives anything
    if not isinstance(document.data, dict):
        text = f"expected recipients by id, each with name and category, got {shown(document.data)}."
        contents.add("wrong_value", RECIPIENTS, (), text)
        return
    for recipient_id, data in document.data.items():
        form, problems = validated(RecipientsForm, document, {recipient_id: data})
        contents.problems += problems
        if form is not None:
            contents.recipients[recipient_id] = form.root[recipient_id]


def _read_notice(contents: Contents, name: str) -> None:
    document = contents.documents.get(name)
    if document is not None:
        form, problems = validated(NoticeForm, document, document.data)
        contents.problems += problems
        if form is not None:
            contents.notices[name] = form


def _read_policy(contents: Contents) -> None:
    document = contents.documents.get(POLICY)
    if document is not None and document.data is not None:
        form, problems = validated(PolicyForm, document, document.data)
        contents.problems += problems
        contents.policy = form or PolicyForm()
