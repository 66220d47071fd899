"""Asks, reports and corrections of a story as the events that applications send."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from disclosure_consumers.scenarios.aliases import PRODUCER_ID, Subject, subject_of
from disclosure_schemas.events.disclosure import Disclosure, DisclosureRequested, Item
from disclosure_schemas.events.vocabulary import Bought, Consideration, Exemption, Kind, Mode

DEFAULT_ABOUT = "alice"
DEFAULT_ITEMS = ("identifiers",)

_DEFAULT_PURPOSES: Mapping[str, str] = {
    Kind.SALE: "marketing",
    Kind.SHARE: "marketing",
    Kind.LEGAL_PROCESS: "legal_and_security",
    Kind.CORPORATE_TRANSACTION: "corporate_transaction",
    Kind.OPT_OUT_RELAY: "opt_out_notice",
}
_OTHER_PURPOSE = "provide_services"
_AS_THEY_ARE = (
    *("combines_data", "limit_exception", "channel", "program", "control_transferred", "acting_as"),
    "wholly_outside_california",
)
_EMITTER = "scenario"

OWN_KEYS = frozenset({"id", "event_id", "decision", "emitted_at"})
"""Keys that belong to one event, not to what it says; never taken over from an ask or by a correction."""


def is_readable(said: Mapping[str, Any]) -> bool:
    """Whether the keys of an ask or report can be one event: one disclosure has one recipient."""
    return not isinstance(said["to"], list)


def disclosure_event(
    said: Mapping[str, Any],
    mode: Mode,
    at: datetime,
    *,
    event_id: UUID,
    follows: UUID | None = None,
    emitted_at: str | None = None,
) -> DisclosureRequested:
    """The event of an ask or report, its defaults filled in.

    `said`: its keys, with those it takes from the ask that it `follows`. `emitted_at`: `at`, if not given.
    """
    collected_at = said.get("collected_at")
    return DisclosureRequested(
        event_id=event_id,
        subject_key=_subject(said).key,
        producer_id=PRODUCER_ID,
        occurred_at=at,
        emitted_at=at if emitted_at is None else datetime.fromisoformat(emitted_at),
        sequence=0,
        collected_at=None if collected_at is None else datetime.fromisoformat(collected_at),
        decision_event_id=follows,
        transaction_id=said.get("transaction"),
        disclosure=_disclosure(said, mode),
    )


def _disclosure(said: Mapping[str, Any], mode: Mode) -> Disclosure:
    kind = Kind(said["kind"])
    fields = {name: said[name] for name in _AS_THEY_ARE if name in said}
    paid = Consideration.MONETARY if kind is Kind.SALE else Consideration.NONE
    return Disclosure(
        mode=mode,
        kind=kind,
        recipient_id=said["to"],
        purpose=said.get("purpose", _DEFAULT_PURPOSES.get(kind, _OTHER_PURPOSE)),
        items=tuple(_item(entry) for entry in said.get("items", DEFAULT_ITEMS)),
        emitter=_EMITTER,
        subject_type=_subject(said).type,
        consideration=said.get("consideration", paid),
        cross_context_ads=said.get("cross_context_ads", kind is Kind.SHARE),
        onward_recipient_id=said.get("onward_to"),
        bought=said.get("bought", Bought.NOT_BOUGHT),
        **fields,
    )


def _subject(said: Mapping[str, Any]) -> Subject:
    return subject_of(said.get("about", DEFAULT_ABOUT))


def _item(entry: Any) -> Item:
    if isinstance(entry, Mapping):
        tag = entry.get("exempt")
        return Item.parse(entry["item"], None if tag is None else Exemption(tag))
    return Item.parse(entry)
