"""The events of a scenario as what arrives at the engine."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from disclosure_consumers.core.casebook.arrivals import (
    Arrival,
    Correction,
    Elapsed,
    Retraction,
    Shredded,
    StateStore,
    Unplaceable,
)
from disclosure_consumers.core.casebook.contracts import ContractEnded, ContractSigned
from disclosure_consumers.core.registry import FOREVER_US, Contract, Period
from disclosure_consumers.registry_folder.problems import hint
from disclosure_consumers.scenarios.aliases import disclosure_event_id, listed_event_id, subject_of
from disclosure_consumers.scenarios.disclosures import OWN_KEYS, disclosure_event, is_readable
from disclosure_consumers.scenarios.listing import DISCLOSURES, Entry, Listing
from disclosure_consumers.scenarios.preferences import LINK_VERBS, VERBS, link_of, preferences_of
from disclosure_consumers.scenarios.story import Step
from disclosure_schemas.events.vocabulary import Kind, Mode
from disclosure_schemas.moments import microseconds


def steps_of(listing: Listing, recipients: Collection[str]) -> tuple[Step, ...]:
    """All events in the order of the list; what cannot be is added to the problems of the listing.

    `recipients`: those of the registry, which contracts must name. An ask may name anybody.
    """
    return tuple(
        Step(entry.verb, entry.value, entry.at, listing.line(entry), tuple(arrivals), entry.name)
        for entry in listing.entries
        for arrivals in [_arrivals(listing, entry, recipients)]
    )


def _arrivals(listing: Listing, entry: Entry, recipients: Collection[str]) -> Iterator[Arrival]:
    verb, value, at = entry.verb, entry.value, entry.at
    at_us = None if at is None else microseconds(at)
    if verb in DISCLOSURES:
        yield from _disclosure(listing, entry)
    elif verb == "state_store":
        yield StateStore(at_us, readable=value == "up")
    elif verb == "shred":
        subject = value["subject"] if isinstance(value, Mapping) and "subject" in value else value
        yield Shredded(at_us, subject_of(subject).key.bytes)
    elif verb == "retract":
        report = _named(listing, listing.reports, value, entry, "report")
        if report is not None:
            yield Retraction(at_us, _event_id(report).bytes)
    elif at is None or at_us is None:
        return  # what has no time can be placed nowhere
    elif verb in VERBS:
        yield from preferences_of(verb, value, at, entry.position) or (Elapsed(at_us),)
    elif verb in LINK_VERBS:
        yield link_of(verb, value, at, entry.position)
    elif verb == "correct":
        yield from _correction(listing, entry, at)
    else:
        yield _contract(listing, entry, at, recipients)


def _disclosure(listing: Listing, entry: Entry) -> Iterator[Arrival]:
    said, ask = _said(listing, entry)
    if said is None:
        return
    if entry.at is None or not is_readable(said):
        yield Unplaceable(None if entry.at is None else microseconds(entry.at), Kind(said["kind"]))
        return
    mode = Mode.REQUEST if entry.verb == "ask" else Mode.REPORT
    yield disclosure_event(
        said,
        mode,
        entry.at,
        event_id=_event_id(entry),
        follows=None if ask is None else _event_id(ask),
        emitted_at=entry.value.get("emitted_at"),
    )


def _said(listing: Listing, entry: Entry) -> tuple[dict[str, Any] | None, Entry | None]:
    """What an ask or report says, with what it takes over from the ask it follows; and that ask."""
    name, ask = entry.value.get("decision"), None
    if name is not None:
        ask = _named(listing, listing.asks, name, entry, "ask")
        if ask is None:
            return None, None
    merged = {**(ask.value if ask else {}), **entry.value}
    return {key: part for key, part in merged.items() if key not in OWN_KEYS}, ask


def _correction(listing: Listing, entry: Entry, at: datetime) -> Iterator[Arrival]:
    report = _named(listing, listing.reports, entry.value["disclosure"], entry, "report")
    said = _said(listing, report)[0] if report else None
    if report is None or said is None:
        return
    said |= {key: part for key, part in entry.value.items() if key != "disclosure"}
    if is_readable(said):  # a correction that cannot be read changes nothing
        event_id = listed_event_id(entry.position)
        replacement = disclosure_event(said, Mode.REPORT, at, event_id=event_id)
        yield Correction(microseconds(at), event_id.bytes, _event_id(report).bytes, replacement)


def _contract(listing: Listing, entry: Entry, at: datetime, recipients: Collection[str]) -> Arrival:
    said = dict(entry.value) if isinstance(entry.value, Mapping) else {"recipient": entry.value}
    for key in ("recipient", "through"):
        if key in said and said[key] not in recipients:
            text = f"{said[key]!r} is no recipient of the registry{hint(said[key], recipients)}"
            listing.problem((*entry.place, entry.verb, key), text)
    recipient_id = said.pop("recipient")
    at_us, event_id = microseconds(at), listed_event_id(entry.position).bytes
    if entry.verb == "contract_ended":
        return ContractEnded(at_us, event_id, recipient_id, said.get("type"))
    contract_id = f"{recipient_id}/{said['type']}/{at.isoformat()}"
    contract = Contract(id=contract_id, period=Period(at_us, FOREVER_US), **said)
    return ContractSigned(at_us, event_id, recipient_id, contract)


def _named(listing: Listing, known: Mapping[str, Entry], name: str, entry: Entry, what: str) -> Entry | None:
    if name not in known:
        listing.problem((*entry.place, entry.verb), f"no {what} is called {name!r}{hint(name, known)}")
    return known.get(name)


def _event_id(entry: Entry) -> UUID:
    """Identity of an ask or report: its `event_id`, which is its name unless it says otherwise."""
    return disclosure_event_id(str(entry.value.get("event_id", entry.name)))
