"""What a notice says: its matrix against its own words, its purposes and the sensitive elements."""

from collections.abc import Iterator

from disclosure_consumers.core.registry import ALL, Notice
from disclosure_consumers.registry_check.findings import Subject
from disclosure_consumers.registry_folder.contents import TAXONOMY
from disclosure_consumers.registry_folder.forms import NoticeForm
from disclosure_consumers.registry_folder.values import notice_of

SENSITIVE = "sensitive"
_MARKETING, _OTHERS_MARKETING = "marketing", "recipient_direct_marketing"
"""Purposes for which data is sold or shared."""
_LEGAL, _PROVIDERS = "government_and_legal", "service_providers"


def check_taxonomy(subject: Subject) -> None:
    """Find elements that are sensitive in one place and not in another."""
    taxonomy = subject.registry.taxonomy
    if SENSITIVE not in taxonomy.elements:
        return
    for element in sorted(taxonomy.elements[SENSITIVE] ^ taxonomy.sensitive_elements):
        listed = element in taxonomy.sensitive_elements
        here, there = ("sensitive_elements", "the category sensitive")[:: 1 if listed else -1]
        path = ("sensitive_elements", element) if listed else ("pi_categories", SENSITIVE)
        said = f"{element} is in {here} and not in {there}: in one place it is not taken for sensitive."
        subject.find("sensitive_category_differs", TAXONOMY, path, said)


def check_matrix(subject: Subject, file: str, form: NoticeForm) -> None:
    """Find what the matrix of a notice grants and the rest of it denies, or the other way round."""
    notice = notice_of(form)
    for purpose in form.purposes_excluded:
        if isinstance(form.purposes, list) and purpose in form.purposes:
            said = f"the notice both declares and denies the purpose {purpose}; the denial binds."
            subject.find("purpose_declared_and_denied", file, ("purposes_excluded",), said)
    if any(row.sale_or_share for row in notice.rows.values()):
        _check_sale_purposes(subject, file, notice)
        _check_sensitive(subject, file, notice)
    _check_recipients(subject, file, form, notice)
    for index, text in enumerate(form.ambiguities):
        subject.find("ambiguity", file, ("ambiguities", index), f"the notice is unclear: {text}.")


def sold_categories(notice: Notice) -> Iterator[str]:
    """Categories of personal information that a notice declares as sold or shared."""
    return (category for category, row in notice.rows.items() if row.sale_or_share)


def _check_sale_purposes(subject: Subject, file: str, notice: Notice) -> None:
    sold = f"the notice declares {', '.join(sold_categories(notice))} as sold or shared"
    if _MARKETING in notice.purposes_excluded:
        said = f"{sold}, and denies the purpose {_MARKETING}: what is sold or shared for it is rejected."
        subject.find("sale_purpose_denied", file, ("purposes_excluded",), said)
    elif not any(notice.declares_purpose(purpose) for purpose in (_MARKETING, _OTHERS_MARKETING)):
        said = f"{sold}, yet no purpose of marketing: what is sold or shared for it is rejected."
        subject.find("sale_purpose_undeclared", file, ("purposes",), said)
    if _OTHERS_MARKETING in notice.purposes_excluded:
        said = f"{sold}, and denies that recipients use it for their own direct marketing: the denial binds."
        subject.find("direct_marketing_denied", file, ("purposes_excluded",), said)


def _check_sensitive(subject: Subject, file: str, notice: Notice) -> None:
    """Categories that are sold or shared though elements in them are sensitive."""
    taxonomy = subject.registry.taxonomy
    row = notice.rows.get(SENSITIVE)
    affected: dict[str, list[str]] = {}
    for category in sold_categories(notice):
        if category == SENSITIVE:
            continue
        held = frozenset[str]().union(*taxonomy.elements.values()) if category == ALL else None
        elements = (held or taxonomy.elements.get(category, frozenset())) & taxonomy.sensitive_elements
        column = notice.rows[category].sale_or_share
        if elements and (row is None or not _covers(row.sale_or_share, column)):
            affected[category] = sorted(elements)
    if not affected:
        return
    listed = "; ".join(f"{category} ({', '.join(elements)})" for category, elements in affected.items())
    if row is None:
        said = f"no row `sensitive`, so sensitive elements are sold or shared with their category: {listed}."
        subject.find("sensitive_sold_without_row", file, ("matrix",), said)
    else:
        said = f"categories are sold or shared that hold elements which row `sensitive` keeps back: {listed}."
        subject.find(
            "sensitive_in_sold_category", file, ("matrix", SENSITIVE), f"{said} Those elements are rejected."
        )


def _covers(wide: frozenset[str] | str, narrow: frozenset[str] | str) -> bool:
    return wide == ALL or (narrow != ALL and frozenset(narrow) <= frozenset(wide))


def _check_recipients(subject: Subject, file: str, form: NoticeForm, notice: Notice) -> None:
    """Recipient categories that are defined and in no row, and those no notice can do without."""
    columns = [column for row in notice.rows.values() for column in (row.business_purpose, row.sale_or_share)]
    used_groups = {
        value
        for row in form.matrix.values()
        for value in (row.business_purpose, row.sale_or_share)
        if isinstance(value, str)
    }
    for group in form.groups:
        if group not in used_groups:
            said = f"the group {group} is in no row: disclosures to its members are undeclared by it."
            subject.find("unused_group", file, ("groups", group), said)
    if ALL in columns:
        return
    declared = frozenset[str]().union(*(column for column in columns if column != ALL))
    for letter, word in form.letters.items():
        if word in subject.registry.taxonomy.recipient_categories and word not in declared:
            said = f"{word} is defined ({letter}) but in no row: disclosures to it are undeclared."
            subject.find("recipient_in_no_row", file, ("letters", letter), said)
    if declared == {_PROVIDERS}:
        said = (
            "only service providers are declared. Affiliates, authorities and acquirers surely receive data"
        )
        said += " too; legal process is permitted by law, all else is rejected."
        subject.find("only_service_providers_declared", file, ("matrix",), said)
    elif _LEGAL not in declared and _LEGAL in subject.registry.taxonomy.recipient_categories:
        said = "no row names authorities. Legal process is permitted by law; the notice should say so."
        subject.find("legal_process_undeclared", file, ("matrix",), said)
