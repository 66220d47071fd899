"""The registry in files: YAML in git, reviewed like code, read into values of the decision core.

registry/
  taxonomy.yaml      the words
  recipients.yaml    the recipients and their contracts
  notices/*.yaml     one published notice each
  policy.yaml        which notices are published, and settings (optional)
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any

from disclosure_consumers.core.registry import Notice, Policy, Recipient, Registry, Taxonomy
from disclosure_consumers.registry_folder.consistency import check_consistency
from disclosure_consumers.registry_folder.contents import (
    NOTICES,
    POLICY,
    RECIPIENTS,
    TAXONOMY,
    Contents,
    contents_of,
)
from disclosure_consumers.registry_folder.document import Document
from disclosure_consumers.registry_folder.form_problems import validated
from disclosure_consumers.registry_folder.forms import TogglesForm
from disclosure_consumers.registry_folder.problems import Problem, RegistryError, error_of, hint
from disclosure_consumers.registry_folder.values import notice_of, policy_of, recipient_of, taxonomy_of

__all__ = ["RegistryError", "RegistryFolder", "example_registry", "load_registry", "read_folder"]

_FILES = (TAXONOMY, RECIPIENTS, POLICY)


@dataclass(frozen=True, slots=True)
class RegistryFolder:
    """A folder that was read once; registries with other notices or settings are made of it cheaply."""

    path: Path
    taxonomy: Taxonomy
    recipients: Mapping[str, Recipient]
    notices: Mapping[str, Notice]
    """Every notice of the folder, by id; `published` names those in force."""
    published: tuple[str, ...]
    toggles: TogglesForm
    said: str = field(repr=False)
    """Taxonomy, recipients and notices as canonical JSON, for the content hash."""

    def registry(
        self, published: Iterable[str] | None = None, toggles: Mapping[str, Any] | None = None
    ) -> Registry:
        """The registry of this folder; raises RegistryError for a notice or setting that does not exist.

        `published`: ids of the notices in force, in place of those that policy.yaml names. `toggles`:
        settings that differ from those of policy.yaml.
        """
        ids = self.published if published is None else tuple(published)
        for notice_id in ids:
            if notice_id not in self.notices:
                text = f"{notice_id!r} is no notice of this registry{hint(notice_id, self.notices)}"
                raise error_of(str(self.path), [Problem("unknown_notice", "published", None, "", text)])
        policy = policy_of(self._toggles(toggles) if toggles else self.toggles)
        return Registry(
            taxonomy=self.taxonomy,
            recipients=self.recipients,
            notices=tuple(self.notices[notice_id] for notice_id in ids),
            policy=policy,
            content_hash=_content_hash(self.said, ids, policy),
        )

    def _toggles(self, changed: Mapping[str, Any]) -> TogglesForm:
        settings = self.toggles.model_dump() | dict(changed)
        form, problems = validated(TogglesForm, Document("toggles", settings, {}), settings)
        if form is None:
            raise error_of(str(self.path), problems)
        return form


def example_registry() -> Path:
    """Folder of the example registry that comes with the package."""
    return Path(str(resources.files("disclosure_consumers").joinpath("registry")))


def load_registry(
    folder: Path, published: Iterable[str] | None = None, toggles: Mapping[str, Any] | None = None
) -> Registry:
    """Read a registry folder; raises RegistryError naming file, line, entry and what was expected.

    `published` and `toggles` as in `RegistryFolder.registry`.
    """
    return read_folder(folder).registry(published, toggles)


def read_folder(folder: Path) -> RegistryFolder:
    """Read a registry folder once, to make registries of it; raises RegistryError with all that is wrong."""
    return folder_of(folder, inspect_files(read_files(folder)))


def read_files(folder: Path) -> dict[str, bytes]:
    """Bytes of every file of a registry, by name; raises RegistryError if the folder cannot be read."""
    try:
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in registry_paths(folder)}
    except OSError as error:
        raise RegistryError(
            f"the registry {folder} cannot be read: {error}. Correct its permissions, or pass another folder."
        ) from error
    if TAXONOMY not in files and RECIPIENTS not in files:
        raise RegistryError(
            f"{folder} is no registry: expected a folder with {TAXONOMY}, {RECIPIENTS} and {NOTICES}*.yaml. "
            "Pass another folder, or begin with a copy of the example registry."
        )
    return files


def registry_paths(folder: Path) -> list[Path]:
    """Files of a registry, and those named so that somebody meant them to be; none if there is no folder."""
    paths = [*folder.glob("*.y*ml"), *(folder / NOTICES).rglob("*.y*ml")]
    return sorted(
        path for path in paths if _belongs(path.relative_to(folder).as_posix()) and not path.is_dir()
    )


def inspect_files(files: Mapping[str, bytes]) -> Contents:
    """What the files of a registry say, with all that is wrong in `problems`."""
    read = {name: content for name, content in files.items() if _is_read(name)}
    contents = contents_of(read)
    for name in sorted(set(files) - set(read)):
        text = f"this file is not read. Expected {', '.join(_FILES)} and {NOTICES}*.yaml: rename or move it."
        contents.problems.append(Problem("file_not_read", name, None, "", text))
    check_consistency(contents)
    return contents


def folder_of(folder: Path, contents: Contents) -> RegistryFolder:
    """The folder as values; raises RegistryError if anything is wrong with it."""
    if contents.problems or contents.taxonomy is None:
        raise error_of(str(folder), contents.problems)
    notices = {form.id: notice_of(form) for _, form in sorted(contents.notices.items())}
    published = contents.policy.published
    said = {name: _deciding(name, d.data) for name, d in contents.documents.items() if name != POLICY}
    return RegistryFolder(
        path=folder,
        taxonomy=taxonomy_of(contents.taxonomy),
        recipients={name: recipient_of(name, form) for name, form in contents.recipients.items()},
        notices=notices,
        published=tuple(notices) if published is None else tuple(published),
        toggles=contents.policy.toggles,
        said=json.dumps(said, sort_keys=True),
    )


def _deciding(name: str, data: Any) -> Any:
    """What is said, without how a recipient is told: that decides nothing, so it is not in the hash."""
    if name != RECIPIENTS or data is None:
        return data
    return {
        recipient_id: {key: value for key, value in entry.items() if key != "notify"}
        for recipient_id, entry in data.items()
    }


def _content_hash(said: str, published: tuple[str, ...], policy: Policy) -> bytes:
    """SHA-256 of what is said, whatever its layout and comments, and of what is in force of it."""
    settings = asdict(policy) | {"fail_closed_kinds": sorted(policy.fail_closed_kinds)}
    in_force = json.dumps({"published": published, "policy": settings}, sort_keys=True)
    return hashlib.sha256(f"{said}\n{in_force}".encode()).digest()


def _is_read(name: str) -> bool:
    if name in _FILES:
        return True
    return name.startswith(NOTICES) and name.endswith(".yaml") and name.count("/") == 1


def _belongs(name: str) -> bool:
    """Whether a YAML file is of the registry, or named so that somebody meant it to be."""
    if any(part.startswith(".") for part in name.split("/")):
        return False  # an editor's
    return name.startswith(NOTICES) or bool(get_close_matches(name, _FILES, n=1, cutoff=0.8))
