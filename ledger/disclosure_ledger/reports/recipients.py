"""Recipients by name: names as of each disclosure, the latest shown, and what the registry says of them."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from disclosure_consumers.registry_check.answers import EEA
from disclosure_ledger.answers.lists import recipient_lines
from disclosure_ledger.answers.parts import ListName, Part
from disclosure_ledger.answers.rows import happened_at
from disclosure_ledger.reports.registry_words import RegistryWords
from disclosure_schemas.events.base import Moment, Value
from disclosure_schemas.events.vocabulary import Kind

GdprRole = Literal["processor", "controller", "joint_controller", "authority"]
Safeguard = Literal["adequacy", "standard_contractual_clauses", "binding_corporate_rules", "derogation"]


class NamedRecipient(Value):
    """What one recipient received; `address` and `contact` None: the registry has none.

    `name`: the latest known; None where it was never recorded. `earlier_names`: others it had when data was
    disclosed. `not_allowed`: how many of the disclosures should not have been made. Moments in UTC.
    """

    recipient_id: str
    name: str | None
    trade_name: str | None
    earlier_names: tuple[str, ...]
    address: str | None
    contact: str | None
    category: str
    category_description: str
    kinds: tuple[Kind, ...]
    sold: bool
    pi_categories: tuple[str, ...]
    items: tuple[str, ...]
    purposes: tuple[str, ...]
    disclosures: int
    not_allowed: int
    first_at: Moment
    last_at: Moment


class EuropeanRecipient(NamedRecipient):
    """The same with what the GDPR adds; `safeguard` None in a third country: the registry has none."""

    role: GdprRole
    country: str | None
    third_country: bool | None
    safeguard: Safeguard | None


def named_recipients(parts: Sequence[Part], words: RegistryWords) -> tuple[NamedRecipient, ...]:
    """Every recipient of the parts, by name."""
    return tuple(NamedRecipient(**fields) for fields in _fields(parts, words))


def european_recipients(parts: Sequence[Part], words: RegistryWords) -> tuple[EuropeanRecipient, ...]:
    """Every recipient of the parts with role, country and safeguard (legal 8.3)."""
    by_recipient = _by_recipient(parts)
    found = []
    for fields in _fields(parts, words):
        recipient_id = fields["recipient_id"]
        registered = words.recipients.get(recipient_id)
        country = registered.country if registered else None
        found.append(
            EuropeanRecipient(
                **fields,
                role=gdpr_role(by_recipient[recipient_id], words),
                country=country,
                third_country=None if country is None else country not in EEA,
                safeguard=registered.transfer_safeguard if registered else None,
            )
        )
    return tuple(found)


def gdpr_role(parts: Sequence[Part], words: RegistryWords) -> GdprRole:
    """Role of one recipient under the GDPR: as the registry says, else by its contract (Art. 4, 28)."""
    latest = max(parts, key=lambda part: (happened_at(part.row), part.row.event_id)).row
    registered = words.recipients.get(latest.recipient_id)
    if registered is not None and registered.gdpr_role is not None:
        return registered.gdpr_role
    if latest.recipient_category == "government_and_legal":
        return "authority"
    contract = words.contract(latest.recipient_id, latest.contract_id)
    bound = contract is not None and contract.gdpr_processor
    return "processor" if bound or latest.recipient_role in _WORKS_FOR_US else "controller"


_WORKS_FOR_US = frozenset({"service_provider", "contractor"})


def _fields(parts: Sequence[Part], words: RegistryWords) -> list[dict[str, Any]]:
    by_recipient = _by_recipient(parts)
    found = []
    for line in recipient_lines(parts):
        mine = by_recipient[line.recipient_id]
        registered = words.recipients.get(line.recipient_id)
        known = registered.legal_name or registered.name if registered else None
        name = known or _last_name(mine)
        trade_name = registered.name if registered and registered.legal_name else None
        recorded = {part.row.recipient_name for part in mine if part.row.recipient_name}
        found.append(
            {
                **line.model_dump(
                    include={
                        "recipient_id",
                        "category",
                        "kinds",
                        "pi_categories",
                        "items",
                        "purposes",
                        "first_at",
                        "last_at",
                    }
                ),
                "name": name,
                "trade_name": None if trade_name == name else trade_name,
                "earlier_names": tuple(sorted(recorded - {name, trade_name})),
                "address": registered.address if registered else None,
                "contact": registered.contact if registered else None,
                "category_description": words.recipient_category(line.category),
                "sold": any(part.list_name is ListName.SOLD_OR_SHARED and is_sold(part) for part in mine),
                "disclosures": line.count,
                "not_allowed": line.not_allowed,
            }
        )
    return sorted(
        found, key=lambda fields: (fields["name"] is None, fields["name"] or "", fields["recipient_id"])
    )


def is_sold(part: Part) -> bool:
    """Whether a part was sold: what is both sold and shared is recorded as sold."""
    return part.kind is Kind.SALE


def _last_name(parts: Iterable[Part]) -> str | None:
    named = [part.row for part in parts if part.row.recipient_name]
    latest = max(named, key=lambda row: (happened_at(row), row.event_id), default=None)
    return latest.recipient_name if latest else None


def _by_recipient(parts: Iterable[Part]) -> dict[str, list[Part]]:
    groups: dict[str, list[Part]] = {}
    for part in parts:
        groups.setdefault(part.row.recipient_id, []).append(part)
    return groups
