"""Contracts that were signed or ended after the registry was written, as facts that amend it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from disclosure_consumers.core.registry import Contract, Period, Recipient, Registry


class ContractSigned(NamedTuple):
    """A contract is in force from a moment on; its period begins there."""

    at_us: int
    event_id: bytes
    recipient_id: str
    contract: Contract


class ContractEnded(NamedTuple):
    """Contracts in force with a recipient end at a moment; `type` None: of any type."""

    at_us: int
    event_id: bytes
    recipient_id: str
    type: str | None = None


ContractFact = ContractSigned | ContractEnded


def amended(registry: Registry, facts: Iterable[ContractFact]) -> Registry:
    """The registry as these facts leave it, whatever their order; recipients it does not know stay unknown.

    A contract signed at the very moment at which contracts end is in force for no time at all: of two things
    at one instant, the one that protects counts (FORMAT.md, section "Time").
    """
    by_recipient: dict[str, list[ContractFact]] = {}
    for fact in facts:
        by_recipient.setdefault(fact.recipient_id, []).append(fact)
    changed = {
        recipient_id: _amended(registry.recipients[recipient_id], about)
        for recipient_id, about in by_recipient.items()
        if recipient_id in registry.recipients
    }
    # What was remembered was worked out with the contracts as they were.
    return replace(registry, recipients={**registry.recipients, **changed}, remembered={})


def _amended(recipient: Recipient, facts: list[ContractFact]) -> Recipient:
    signed = {fact.event_id: fact.contract for fact in facts if isinstance(fact, ContractSigned)}
    ends = [fact for fact in facts if isinstance(fact, ContractEnded)]
    added = tuple(sorted(signed.values(), key=lambda contract: (contract.period.from_us, contract.id)))
    contracts = tuple(_ended(contract, ends) for contract in (*recipient.contracts, *added))
    return replace(recipient, contracts=contracts)


def _ended(contract: Contract, ends: list[ContractEnded]) -> Contract:
    moments = (
        end.at_us for end in ends if end.type in {None, contract.type} and contract.period.holds(end.at_us)
    )
    until_us = min(moments, default=contract.period.until_us)
    return replace(contract, period=Period(contract.period.from_us, until_us))
