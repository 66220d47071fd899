"""From the forms of a registry to the values decisions are made of."""

from datetime import date, timedelta
from typing import Any, Literal

from disclosure_consumers.core.days.deadlines import start_of_day_us
from disclosure_consumers.core.registry import (
    ALL,
    FOREVER_US,
    Contract,
    Notice,
    NoticeRow,
    Period,
    Policy,
    Recipient,
    Taxonomy,
)
from disclosure_consumers.registry_folder.forms import (
    ContractForm,
    NoticeForm,
    RecipientForm,
    TaxonomyForm,
    TogglesForm,
)

NOBODY = "none"


def taxonomy_of(form: TaxonomyForm) -> Taxonomy:
    """The words of taxonomy.yaml."""
    return Taxonomy(
        elements={name: frozenset(category.elements) for name, category in form.pi_categories.items()},
        sensitive_elements=frozenset(form.sensitive_elements),
        unique_identifiers=frozenset(form.unique_identifiers),
        recipient_categories=frozenset(form.recipient_categories),
        purposes=frozenset(form.purposes),
    )


def recipient_of(recipient_id: str, form: RecipientForm) -> Recipient:
    """A recipient of recipients.yaml with its contracts, in the order of the file."""
    return Recipient(
        id=recipient_id,
        contracts=tuple(_contract_of(recipient_id, contract) for contract in form.contracts),
        **form.model_dump(exclude={"contracts", "notify"}),
    )


def notice_of(form: NoticeForm) -> Notice:
    """A notice with its groups written out."""
    return Notice(
        id=form.id,
        period=period_of(form.effective_from or form.observed_at, form.effective_to),
        purposes=ALL if isinstance(form.purposes, str) else frozenset(form.purposes),
        purposes_excluded=frozenset(form.purposes_excluded),
        rows={
            category: NoticeRow(
                business_purpose=column_of(form, row.business_purpose),
                sale_or_share=column_of(form, row.sale_or_share),
            )
            for category, row in form.matrix.items()
        },
        no_sale_or_share_under=form.minors.no_sale_or_share_under,
        opt_out_days=form.deadlines.opt_out_days,
        limit_days=form.deadlines.limit_days,
    )


def policy_of(form: TogglesForm) -> Policy:
    """The settings of policy.yaml."""
    settings: dict[str, Any] = form.model_dump() | {"fail_closed_kinds": frozenset(form.fail_closed_kinds)}
    return Policy(**settings)


def column_of(notice: NoticeForm, value: list[str] | str) -> frozenset[str] | Literal["all"]:
    """Recipient categories of a column: everyone, no one, a group's or those listed."""
    if value == ALL:
        return ALL
    if value == NOBODY:
        return frozenset()
    return frozenset(notice.groups.get(value, ()) if isinstance(value, str) else value)


def period_of(first: date | None, last: date | None) -> Period:
    """Days in California, the first and the last included."""
    return Period(
        -FOREVER_US if first is None else start_of_day_us(first),
        FOREVER_US if last is None else start_of_day_us(last + timedelta(days=1)),
    )


def _contract_of(recipient_id: str, form: ContractForm) -> Contract:
    parts = [recipient_id, form.type, str(form.effective_from)]
    return Contract(
        id="/".join([*parts, form.through] if form.through else parts),
        period=period_of(form.effective_from, form.effective_to),
        **form.model_dump(exclude={"effective_from", "effective_to"}),
    )
