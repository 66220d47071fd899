"""How the contracts of a recipient stand at a moment: in force, ending, ended, none. Pure."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from disclosure_consumers.core.registry import FOREVER_US, Contract, Recipient
from disclosure_schemas.events.base import Moment, Value
from disclosure_schemas.events.vocabulary import Kind, RecipientRole
from disclosure_schemas.moments import from_microseconds, microseconds

ENDING_DAYS = 60
"""A contract ends soon when its end is this near, in days."""

_DAY_US = 86_400_000_000


class ContractState(StrEnum):
    """What there is."""

    IN_FORCE = "in_force"
    ENDING = "ending"
    ENDED = "ended"
    NOT_BEGUN = "not_begun"
    NONE = "none"
    NOT_NEEDED = "not_needed"
    UNREGISTERED = "unregistered"


class ContractStanding(Value):
    """The contract that matters at a moment. `type`: its form; `until`: its end, past or to come."""

    state: ContractState
    type: str | None = None
    until: Moment | None = None


_WITHOUT = frozenset(
    {Kind.LEGAL_PROCESS, Kind.CONSUMER_DIRECTED, Kind.CORPORATE_TRANSACTION, Kind.OPT_OUT_RELAY}
)
"""Kinds that rest on no contract (legal 1.3, 1.10)."""


def needs_contract(role: str, kinds: Iterable[Kind]) -> bool:
    """Whether what a recipient received asks for a contract; within the same business nothing does."""
    return role != RecipientRole.SAME_BUSINESS and not set(kinds) <= _WITHOUT


def contract_standing(
    recipient: Recipient | None, at: datetime, *, is_needed: bool = True
) -> ContractStanding:
    """Look at a recipient of the registry; None for one that nobody registered."""
    if recipient is None:
        return ContractStanding(state=ContractState.UNREGISTERED)
    at_us = microseconds(at)
    in_force = [contract for contract in recipient.contracts if contract.period.holds(at_us)]
    if in_force:
        longest = max(in_force, key=lambda contract: contract.period.until_us)
        near = longest.period.until_us - at_us <= ENDING_DAYS * _DAY_US
        return _standing(ContractState.ENDING if near else ContractState.IN_FORCE, longest)
    ended = [contract for contract in recipient.contracts if contract.period.until_us <= at_us]
    if ended:
        return _standing(ContractState.ENDED, max(ended, key=lambda contract: contract.period.until_us))
    if recipient.contracts:
        return _standing(ContractState.NOT_BEGUN, recipient.contracts[0])
    return ContractStanding(state=ContractState.NONE if is_needed else ContractState.NOT_NEEDED)


def _standing(state: ContractState, contract: Contract) -> ContractStanding:
    until_us = contract.period.until_us
    return ContractStanding(
        state=state,
        type=contract.type,
        until=None if until_us >= FOREVER_US else from_microseconds(until_us),
    )
