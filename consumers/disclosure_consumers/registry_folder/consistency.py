"""Whether the entries of a registry go together: words that exist, days in order, contracts above others."""

from collections.abc import Collection, Iterator
from datetime import date
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePosixPath

from disclosure_consumers.registry_folder.contents import NOTICES, POLICY, RECIPIENTS, TAXONOMY, Contents
from disclosure_consumers.registry_folder.forms import ContractForm, NoticeForm, TaxonomyForm
from disclosure_consumers.registry_folder.problems import Path, hint

RESERVED = ("all", "none")
"""Words that stand for every one and no one in a notice."""


def check_consistency(contents: Contents) -> None:
    """Add to `contents.problems` whatever contradicts another entry, then put all in reading order."""
    if contents.taxonomy is not None:
        _check_taxonomy(contents, contents.taxonomy)
    _check_recipients(contents)
    for file, notice in contents.notices.items():
        _check_notice(contents, file, notice)
    _check_published(contents)
    already: set[tuple[str, int | None, str]] = set()
    found = sorted(contents.problems, key=lambda problem: (problem.file, problem.line or 0))
    contents.problems.clear()
    for problem in found:  # an entry that cannot be read is not also of the wrong form
        place = (problem.file, problem.line, problem.entry)
        if place not in already or not problem.entry:
            contents.problems.append(problem)
        already.add(place)


def _check_taxonomy(contents: Contents, taxonomy: TaxonomyForm) -> None:
    elements = {element for category in taxonomy.pi_categories.values() for element in category.elements}
    listed: list[tuple[Path, str]] = [
        *((("sensitive_elements", element), element) for element in taxonomy.sensitive_elements),
        *((("unique_identifiers", i), element) for i, element in enumerate(taxonomy.unique_identifiers)),
    ]
    for path, element in listed:
        if element not in elements:
            text = f"{element!r} is an element of no category{hint(element, elements)}"
            contents.add("unknown_element", TAXONOMY, path, text)
    for section in ("pi_categories", "recipient_categories", "purposes"):
        for word in RESERVED:
            if word in getattr(taxonomy, section):
                text = f"{word!r} has a meaning of its own in notices. Choose another name."
                contents.add("reserved_word", TAXONOMY, (section, word), text)


def _check_recipients(contents: Contents) -> None:
    categories = contents.taxonomy.recipient_categories if contents.taxonomy else None
    listed = contents.documents[RECIPIENTS].data if RECIPIENTS in contents.documents else None
    known = listed if isinstance(listed, dict) else contents.recipients
    for recipient_id, recipient in contents.recipients.items():
        if categories is not None and recipient.category not in categories:
            text = f"{recipient.category!r} is no recipient category of taxonomy.yaml"
            text += hint(recipient.category, categories)
            contents.add("unknown_recipient_category", RECIPIENTS, (recipient_id, "category"), text)
        for index, contract in enumerate(recipient.contracts):
            path = (recipient_id, "contracts", index)
            _check_days(contents, RECIPIENTS, path, contract.effective_from, contract.effective_to)
            if contract.through == recipient_id:
                text = "a subcontract of itself. Name the recipient that holds the contract above this one."
                contents.add("through_itself", RECIPIENTS, (*path, "through"), text)
            elif contract.through is not None and contract.through not in known:
                text = f"{contract.through!r} is no recipient{hint(contract.through, map(str, known))}"
                contents.add("unknown_recipient", RECIPIENTS, (*path, "through"), text)
        _check_overlaps(contents, recipient_id, recipient.contracts)
    for cycle in _cycles(contents):
        text = f"these subcontracts go in a circle: {' through '.join(cycle)}. Remove one of them."
        contracts = contents.recipients[cycle[0]].contracts
        index = next(i for i, contract in enumerate(contracts) if contract.through == cycle[1])
        contents.add("through_cycle", RECIPIENTS, (cycle[0], "contracts", index, "through"), text)


def _check_overlaps(contents: Contents, recipient_id: str, contracts: list[ContractForm]) -> None:
    for index, later in enumerate(contracts):
        for number, earlier in enumerate(contracts[:index]):
            alike = (earlier.type, earlier.through) == (later.type, later.through)
            if alike and _overlap(earlier, later):
                path = (recipient_id, "contracts", index)
                line = contents.line(RECIPIENTS, (recipient_id, "contracts", number))
                text = (
                    f"two {later.type} contracts in force on the same days, the other in line {line}. "
                    "Give the earlier one an effective_to before the later one's effective_from."
                )
                contents.add("contracts_overlap", RECIPIENTS, path, text)
                break


def _overlap(one: ContractForm, other: ContractForm) -> bool:
    return one.effective_from <= (other.effective_to or date.max) and other.effective_from <= (
        one.effective_to or date.max
    )


def _cycles(contents: Contents) -> Iterator[list[str]]:
    """Circles of subcontracts, each from the recipient that is listed first; those of one are told apart."""
    above = {
        recipient_id: {c.through for c in recipient.contracts if c.through not in {None, recipient_id}}
        for recipient_id, recipient in contents.recipients.items()
    }
    order = list(above)
    while True:
        try:
            TopologicalSorter(above).prepare()
        except CycleError as error:
            circle = error.args[1][:0:-1]  # from lower to upper, without the repetition at the end
            above[circle[0]].discard(circle[1])
            first = min(range(len(circle)), key=lambda index: order.index(circle[index]))
            yield [*circle[first:], *circle[: first + 1]]
        else:
            return


def _check_notice(contents: Contents, file: str, notice: NoticeForm) -> None:
    name = PurePosixPath(file).stem
    if notice.id != name:
        text = f"expected {name!r}, as the file is called, got {notice.id!r}. Rename one of the two."
        contents.add("id_is_not_file_name", file, ("id",), text)
    first = notice.effective_from or notice.observed_at
    if first is None:
        text = "the notice has no effective_from and no observed_at to stand in for it. Add one of them."
        contents.add("date_missing", file, (), text)
    else:
        _check_days(contents, file, (), first, notice.effective_to)
    if contents.taxonomy is not None:
        _check_words(contents, file, notice, contents.taxonomy)
    for category, row in notice.matrix.items():
        for column in ("business_purpose", "sale_or_share"):
            value = getattr(row, column)
            if isinstance(value, str) and value not in RESERVED and value not in notice.groups:
                text = f"{value!r} is no group of this notice, nor `all` or `none`"
                if contents.taxonomy is not None and value in contents.taxonomy.recipient_categories:
                    text += f"; a single recipient category is a list: [{value}]."
                else:
                    text += hint(value, [*notice.groups, *RESERVED])
                contents.add("unknown_group", file, ("matrix", category, column), text)
    for word in RESERVED:
        if word in notice.groups:
            text = f"{word!r} has a meaning of its own. Choose another name for the group."
            contents.add("reserved_word", file, ("groups", word), text)


def _check_words(contents: Contents, file: str, notice: NoticeForm, taxonomy: TaxonomyForm) -> None:
    """Every word of a notice is one of taxonomy.yaml."""

    def check(word: str, known: Collection[str], path: Path, what: str, code: str) -> None:
        if word not in known:
            text = f"{word!r} is no {what} of taxonomy.yaml{hint(word, known)}"
            contents.add(code, file, path, text)

    recipients, categories = taxonomy.recipient_categories, taxonomy.pi_categories
    for path, words in _lists_of_recipients(notice):
        for index, word in enumerate(words):
            check(word, recipients, (*path, index), "recipient category", "unknown_recipient_category")
    for category in notice.matrix:
        if category != "all":
            check(category, categories, ("matrix", category), "category", "unknown_category")
    declared = notice.purposes if isinstance(notice.purposes, list) else []
    for key, words in (("purposes", declared), ("purposes_excluded", notice.purposes_excluded)):
        for index, word in enumerate(words):
            check(word, taxonomy.purposes, (key, index), "purpose", "unknown_purpose")
    for letter, word in notice.letters.items():
        what = "category or recipient category"
        check(word, {**categories, **recipients}, ("letters", letter), what, "unknown_word")


def _lists_of_recipients(notice: NoticeForm) -> Iterator[tuple[Path, list[str]]]:
    for group, words in notice.groups.items():
        yield ("groups", group), words
    for category, row in notice.matrix.items():
        for column in ("business_purpose", "sale_or_share"):
            value = getattr(row, column)
            if isinstance(value, list):
                yield ("matrix", category, column), value


def _check_days(contents: Contents, file: str, path: Path, first: date, last: date | None) -> None:
    if last is not None and last < first:
        text = f"ends on {last}, before it begins on {first}. Correct one of the two days."
        contents.add("ends_before_it_begins", file, (*path, "effective_to"), text)


def _check_published(contents: Contents) -> None:
    document = contents.documents.get(POLICY)
    if document is None or contents.policy.published is None:
        return
    names = {PurePosixPath(name).stem for name in contents.names if name.startswith(NOTICES)}
    for index, notice_id in enumerate(contents.policy.published):
        if notice_id not in names:
            text = f"{notice_id!r} is no notice of this registry{hint(notice_id, names)}"
            contents.add("unknown_notice", POLICY, ("published", index), text)
