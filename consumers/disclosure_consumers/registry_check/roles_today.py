"""Recipients as they stand on one day: role in law, and the state of each contract."""

from datetime import date
from typing import NamedTuple

from disclosure_consumers.core.days.deadlines import california_day, start_of_day_us
from disclosure_consumers.core.registry import FOREVER_US, Contract, Recipient, Registry
from disclosure_consumers.core.steps.roles import party_at
from disclosure_consumers.registry_check.contracts import counts


class ContractState(NamedTuple):
    """A contract on one day; `last` is None for one without an end."""

    id: str
    type: str
    first: date
    last: date | None
    through: str | None
    state: str


class RecipientState(NamedTuple):
    """A recipient on one day."""

    id: str
    name: str
    category: str
    country: str
    affiliate: str | None
    role: str
    contracts: tuple[ContractState, ...]


def recipients_on(registry: Registry, day: date) -> list[RecipientState]:
    """Every recipient of a registry as it stands on a day in California, in the order of the file."""
    now_us = start_of_day_us(day)
    return [
        RecipientState(
            id=recipient.id,
            name=recipient.name,
            category=recipient.category,
            country=recipient.country,
            affiliate=recipient.affiliate,
            role=party.role.value if (party := party_at(recipient.id, registry, now_us)) else "unknown",
            contracts=tuple(
                _state(recipient, contract, registry, now_us) for contract in recipient.contracts
            ),
        )
        for recipient in registry.recipients.values()
    ]


def _state(recipient: Recipient, contract: Contract, registry: Registry, now_us: int) -> ContractState:
    period = contract.period
    return ContractState(
        id=contract.id,
        type=contract.type,
        first=california_day(period.from_us),
        last=None if period.until_us >= FOREVER_US else california_day(period.until_us - 1),
        through=contract.through,
        state=_words(recipient, contract, registry, now_us),
    )


def _words(recipient: Recipient, contract: Contract, registry: Registry, now_us: int) -> str:
    """State of a contract in words that `registry check` uses too."""
    if contract.period.until_us <= now_us:
        return "ended"
    if now_us < contract.period.from_us:
        return "not yet in force"
    if not contract.required_terms:
        return "lacks required terms"
    if contract.type == "contractor" and not contract.certified:
        return "not certified"
    if contract.through is not None and not contract.flow_down:
        return "terms not passed down"
    if not counts(recipient, contract, registry, now_us):
        return f"nothing in force with {contract.through}"
    return "in force"
