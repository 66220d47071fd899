"""Reads requests from the ledger: a page of receipts, and what followed each."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from disclosure_ledger.requests.errors import RequestQuestionError, UnknownRequestError
from disclosure_ledger.requests.preferences import nature_of_signals, requests_in
from disclosure_ledger.requests.request import Request, RequestEvent, folded
from disclosure_ledger.requests.vocabulary import Nature
from disclosure_ledger.said import preference_of
from disclosure_ledger.store.reading import Snapshot
from disclosure_ledger.store.rows import naive_utc
from disclosure_ledger.store.uuid_lists import uuid_list
from disclosure_schemas.events.disclosure import Signals

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2999, 1, 1, tzinfo=UTC)


class Recorded(NamedTuple):
    """A request and all that happened to it, in order."""

    request: Request
    history: tuple[RequestEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadsQuestion:
    """Which receipts, `from_at` to before `before`; an empty filter lets all through.

    `cursor`: the receipt after which the page begins, as (moment, id).
    """

    natures: tuple[str, ...] = ()
    regimes: tuple[str, ...] = ()
    subject_keys: tuple[uuid.UUID, ...] = ()
    from_at: datetime = EARLIEST
    before: datetime = LATEST
    cursor: tuple[datetime, uuid.UUID] | None = None
    page_rows: int = 1000


def natures_of_signals(snapshot: Snapshot, before: datetime = LATEST) -> dict[str, Nature]:
    """What each different signal asks for, by its JSON text; those that ask for nothing are left out."""
    asking: dict[str, Nature] = {}
    for row in snapshot.fetch("request_signals", {"before": naive_utc(before)}):
        signals = Signals(**{**row["signals"], "gpc": tuple(row["signals"]["gpc"] or ())})
        nature = nature_of_signals(signals)
        if nature is not None:
            asking[row["text"]] = nature
    return asking


def read_page(snapshot: Snapshot, question: HeadsQuestion, asking: Mapping[str, Nature]) -> list[Recorded]:
    """Requests of one page, the newest receipt first."""
    cursor_at, cursor_id = question.cursor or (None, None)
    heads = snapshot.fetch(
        "request_heads",
        {
            "asking": list(asking),
            "limiting": [text for text, nature in asking.items() if nature is Nature.LIMIT],
            "natures": list(question.natures),
            "regimes": list(question.regimes),
            "subject_keys": uuid_list(question.subject_keys),
            "from_at": naive_utc(question.from_at),
            "before": naive_utc(question.before),
            "cursor_at": None if cursor_at is None else naive_utc(cursor_at),
            "cursor_id": None if cursor_id is None else str(cursor_id),
            "page_rows": question.page_rows,
        },
    )
    return _read(snapshot, heads)


def read_one(snapshot: Snapshot, request_id: uuid.UUID) -> Recorded:
    """One request by its id; raises UnknownRequestError."""
    own = _own_events(snapshot, [request_id]).get(request_id, [])
    if any(event.subject_key is not None for event in own):
        head: dict[str, Any] = {"request_id": request_id, "source": "register", "subject_key": None}
    else:
        known = snapshot.fetch("request_preference", {"request_id": str(request_id)})
        if not known:
            raise unknown(request_id)
        head = {
            "request_id": request_id,
            "source": "preference",
            "subject_key": known[0]["subject_key"],
        }
    found = _read(snapshot, [head])
    if not found:
        raise unknown(request_id)
    return found[0]


def unknown(request_id: uuid.UUID) -> UnknownRequestError:
    """The error for an id that names no request."""
    return UnknownRequestError(
        f"there is no request {request_id}. List requests with `disclosures requests list`; of the signals "
        "of a device only the first is one."
    )


def cursor_text(recorded: Recorded) -> str:
    """The cursor of the page after this request."""
    # Z and not +00:00: a cursor goes into a query as it is, where a plus is a space.
    moment = recorded.request.received_at.astimezone(UTC).replace(tzinfo=None).isoformat()
    return f"{moment}Z~{recorded.request.id}"


def cursor_of(text: str) -> tuple[datetime, uuid.UUID]:
    """Read a cursor; raises RequestQuestionError for text that is none."""
    moment, _, request_id = text.partition("~")
    try:
        return datetime.fromisoformat(moment).astimezone(UTC), uuid.UUID(request_id)
    except (ValueError, OverflowError) as error:
        raise RequestQuestionError(
            f"{text!r} is no cursor of a list of requests. Pass next_cursor of the page before, as it came."
        ) from error


def _read(snapshot: Snapshot, heads: list[dict[str, Any]]) -> list[Recorded]:
    own = _own_events(snapshot, [head["request_id"] for head in heads])
    said = _said_events(snapshot, {head["subject_key"] for head in heads if head["source"] == "preference"})
    found: list[Recorded] = []
    for head in heads:
        request_id = head["request_id"]
        events = own.get(request_id, [])
        if head["source"] == "preference":
            # What the business says of a request counts from its moment, as what a preference says does.
            events = sorted([*said.get(request_id, []), *events], key=lambda event: event.at)
        request = folded(events, head["source"])
        if request is not None:
            found.append(Recorded(request, tuple(events)))
    return found


def _own_events(snapshot: Snapshot, request_ids: list[uuid.UUID]) -> dict[uuid.UUID, list[RequestEvent]]:
    events: dict[uuid.UUID, list[RequestEvent]] = defaultdict(list)
    if request_ids:
        params = {"request_ids": uuid_list(request_ids)}
        for row in snapshot.fetch("request_events", params):
            row.pop("recorded_at")
            row["at"] = row["at"].replace(tzinfo=UTC)
            events[row["request_id"]].append(RequestEvent(**row))
    return events


def _said_events(
    snapshot: Snapshot, subject_keys: Iterable[uuid.UUID]
) -> dict[uuid.UUID, list[RequestEvent]]:
    keys = set(subject_keys)
    if not keys:
        return {}
    by_subject: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for row in snapshot.fetch("request_preferences", {"subject_keys": uuid_list(keys)}):
        by_subject[row["subject_key"]].append(preference_of(row))
    found: dict[uuid.UUID, list[RequestEvent]] = {}
    for preferences in by_subject.values():
        found.update(requests_in(preferences))
    return found
