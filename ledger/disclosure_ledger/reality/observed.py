"""What the ledger saw in a period: standing rows in groups of equal content, counted where they are."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from disclosure_ledger.reality.asked import Asked
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.reading import Snapshot
from disclosure_ledger.store.rows import disclosure_of
from disclosure_ledger.store.uuid_lists import uuid_list
from disclosure_schemas.events.decision import ItemDecision

_FOREVER = datetime.max  # noqa: DTZ901 - the ledger's times have no zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Some standing rows of equal content; `disclosures` is how many, first and last in UTC.

    `stretch`: index of the part of the period they lie in. `limit_exception`: what a disclosure of sensitive
    items claimed to be for (11 CCR 7027(m)); None for all others.
    """

    stretch: int
    mode: str
    recipient_id: str
    recipient_name: str | None
    recipient_category: str | None
    recipient_role: str
    has_contract: bool
    purpose: str
    outcome: str
    kind: str
    reason: str
    items: tuple[str, ...]
    item_decisions: tuple[ItemDecision, ...]
    limit_exception: str | None
    disclosures: int
    first_at: datetime
    last_at: datetime


def read_observed(ledger: Ledger, asked: Asked) -> list[Observed]:
    """Count all standing rows of a period by content, all as of one moment."""
    known_at = {"known_at": _FOREVER if asked.known_at is None else _naive(asked.known_at)}
    with ledger.snapshot() as snapshot:
        snapshot.prepare("make_amendment", known_at)
        snapshot.prepare("make_retracted", {"undone": uuid_list(_undone(snapshot))})
        for name in ("make_linked", "make_correction", "make_replaced", "make_gone"):
            snapshot.prepare(name)
        snapshot.prepare("make_reported", known_at)
        snapshot.prepare("make_answered")
        rows = snapshot.fetch_sql(
            query("observed_groups").format(stretch=_stretch(len(asked.stretches))),
            known_at
            | {f"edge_{index}": _naive(part.from_at) for index, part in enumerate(asked.stretches[1:])}
            | {
                "start": _naive(asked.period.start),
                "end": _naive(asked.period.end),
                "sensitive_items": sorted(asked.sensitive_items),
            },
        )
    return [_observed(row) for row in rows]


def _stretch(count: int) -> str:
    """SQL of the index of the stretch a moment lies in."""
    later = [f"(happened_at >= $edge_{index}::TIMESTAMP)::INTEGER" for index in range(count - 1)]
    return " + ".join(later) or "0"


def _undone(snapshot: Snapshot) -> set[uuid.UUID]:
    """Retractions without effect, because a later one with effect takes them back."""
    undone: set[uuid.UUID] = set()
    for row in snapshot.fetch("retractions_of_retractions"):
        if row["later"] not in undone:
            undone.add(row["earlier"])
    return undone


def _observed(row: Mapping[str, Any]) -> Observed:
    fields = dict(row)
    content = fields.pop("content")
    limit_exception = None if content is None else disclosure_of(content).limit_exception
    return Observed(
        **fields
        | {
            "items": tuple(row["items"]),
            "item_decisions": _findings(row["item_decisions"]),
            "limit_exception": limit_exception,
            "first_at": row["first_at"].replace(tzinfo=UTC),
            "last_at": row["last_at"].replace(tzinfo=UTC),
        }
    )


def _findings(parts: Sequence[Mapping[str, Any]]) -> tuple[ItemDecision, ...]:
    return tuple(ItemDecision(**part) for part in parts)


def _naive(moment: datetime) -> datetime:
    """The ledger's times are in UTC without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)
