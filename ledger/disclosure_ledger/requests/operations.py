"""What can be asked of the register of requests or done with it."""

import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta

from disclosure_consumers.core.days.calendars import Regime, months_after
from disclosure_consumers.core.days.deadlines import california_day, start_of_day_us
from disclosure_consumers.core.registry import Registry
from disclosure_consumers.holiday_calendar import holidays_around
from disclosure_ledger.door.operation import Occasion, Operation
from disclosure_ledger.requests import loading
from disclosure_ledger.requests.changes import check_change, check_receipt
from disclosure_ledger.requests.clocks import clocks_of, due, status_of
from disclosure_ledger.requests.errors import RequestChangeError, RequestQuestionError
from disclosure_ledger.requests.loading import HeadsQuestion, Recorded
from disclosure_ledger.requests.metrics import YearMetrics, year_metrics
from disclosure_ledger.requests.request import Request, RequestEvent
from disclosure_ledger.requests.views import (
    MetricsQuestion,
    NewRequest,
    Purged,
    PurgeQuestion,
    RequestChange,
    RequestFilter,
    RequestPage,
    RequestQuestion,
    RequestStory,
    RequestView,
)
from disclosure_ledger.requests.vocabulary import Change, Nature
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.reading import Snapshot, Transaction
from disclosure_ledger.store.rows import naive_utc
from disclosure_ledger.store.uuid_lists import uuid_list
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.moments import from_microseconds, microseconds

RECORDS_MONTHS = 24
"""Records of requests are kept at least so long (11 CCR 7101(a))."""

HIPAA_MONTHS = 72
"""Documentation of accountings: six years (45 CFR 164.530(j))."""

ANSWERS_IN_TWELVE_MONTHS = 2
"""Civ. Code 1798.130(b): how often a person may know in twelve months (legal 1.5.7)."""

_STOPPING = frozenset({Nature.OPT_OUT, Nature.LIMIT, Nature.DELETE})
_SCAN_ROWS = 5000


def list_requests(ledger: Ledger, body: RequestFilter, occasion: Occasion) -> RequestPage:
    """List requests, the newest receipt first."""
    registry = occasion.registry().registry
    question = HeadsQuestion(
        natures=tuple(body.natures),
        regimes=tuple(body.regimes),
        subject_keys=body.subject_keys,
        from_at=loading.EARLIEST if body.received_from is None else _start_of(body.received_from),
        before=_end_of(body.received_to),
        cursor=None if body.cursor is None else loading.cursor_of(body.cursor),
        page_rows=body.limit + 1,
    )
    found: list[tuple[Recorded, RequestView]] = []
    with ledger.snapshot() as snapshot:
        asking = loading.natures_of_signals(snapshot)
        while len(found) <= body.limit:
            page = loading.read_page(snapshot, question, asking)
            views = [
                (recorded, _view(snapshot, recorded.request, registry, occasion.now)) for recorded in page
            ]
            found += [(r, view) for r, view in views if not body.statuses or view.status in body.statuses]
            if len(page) < question.page_rows:
                break
            last = page[-1].request
            question = replace(question, cursor=(last.received_at, last.id))
    shown = found[: body.limit]
    return RequestPage(
        as_of=occasion.now,
        requests=tuple(view for _, view in shown),
        next_cursor=loading.cursor_text(shown[-1][0]) if len(found) > body.limit else None,
    )


def show_request(ledger: Ledger, body: RequestQuestion, occasion: Occasion) -> RequestStory:
    """Show one request with its history."""
    with ledger.snapshot() as snapshot:
        return _story(snapshot, loading.read_one(snapshot, body.request_id), occasion)


def add_request(ledger: Ledger, body: NewRequest, occasion: Occasion) -> RequestStory:
    """Enter a request that was received."""
    event = RequestEvent(
        request_id=new_event_id(_ms(occasion.now)),
        event_id=new_event_id(_ms(occasion.now)),
        at=body.received_at or occasion.now,
        change=Change.RECEIVED,
        **body.model_dump(exclude={"received_at"}),
    )
    check_receipt(event, occasion.now)
    with ledger.transaction() as transaction:
        if event.preference_event_id is not None:
            _check_preference(transaction, event.preference_event_id)
        _append(transaction, event, occasion.now)
        return _story(transaction, loading.read_one(transaction, event.request_id), occasion)


def change_request(ledger: Ledger, body: RequestChange, occasion: Occasion) -> RequestStory:
    """Say what happened to a request."""
    event = RequestEvent(
        event_id=new_event_id(_ms(occasion.now)),
        at=body.at or occasion.now,
        **body.model_dump(exclude={"at"}),
    )
    with ledger.transaction() as transaction:
        before = loading.read_one(transaction, body.request_id)
        event = event.model_copy(update={"regime": before.request.regime})
        check_change(before.request, event, occasion.now)
        _append(transaction, event, occasion.now)
        return _story(transaction, loading.read_one(transaction, body.request_id), occasion)


def requests_metrics(ledger: Ledger, body: MetricsQuestion, occasion: Occasion) -> YearMetrics:
    """Figures of one year's requests (11 CCR 7102)."""
    today = _today(occasion.now)
    if body.year > today.year:
        raise RequestQuestionError(
            f"the year {body.year} has not begun; figures are of a year up to {today.year}. Correct the year."
        )
    question = HeadsQuestion(
        regimes=(Regime.CCPA,),
        from_at=_start_of(date(body.year, 1, 1)),
        before=_start_of(date(body.year + 1, 1, 1)),
        page_rows=_SCAN_ROWS,
    )
    requests: list[Request] = []
    with ledger.snapshot() as snapshot:
        asking = loading.natures_of_signals(snapshot, question.before)
        while page := loading.read_page(snapshot, question, asking):
            requests += [recorded.request for recorded in page]
            last = page[-1].request
            question = replace(question, cursor=(last.received_at, last.id))
    return year_metrics(requests, body.year, occasion.now, today)


def purge_requests(ledger: Ledger, body: PurgeQuestion, occasion: Occasion) -> Purged:
    """Delete records that need not be kept any longer."""
    if body.older_than_months < RECORDS_MONTHS:
        raise RequestQuestionError(
            f"records of requests are kept at least {RECORDS_MONTHS} months (11 CCR 7101(a)), so those older "
            f"than {body.older_than_months} months cannot be deleted. Give {RECORDS_MONTHS} or more."
        )
    closed_before = _months_before(occasion.now, body.older_than_months)
    medical = _months_before(occasion.now, max(HIPAA_MONTHS, body.older_than_months))
    params = {"closed_before": naive_utc(closed_before), "medical_before": naive_utc(medical)}
    if body.dry_run:
        found = ledger.fetch("requests_to_purge", params)
    else:
        with ledger.transaction() as transaction:
            found = transaction.fetch("requests_to_purge", params)
            ids = uuid_list(row["request_id"] for row in found)
            transaction.execute("delete_requests", {"request_ids": ids})
    return Purged(closed_before=closed_before, requests=len(found), dry_run=body.dry_run)


REQUESTS_LIST = Operation("/v1/requests/list", RequestFilter, RequestPage, list_requests)
REQUESTS_SHOW = Operation("/v1/requests/show", RequestQuestion, RequestStory, show_request)
REQUESTS_ADD = Operation("/v1/requests/add", NewRequest, RequestStory, add_request, writes=True)
REQUESTS_CHANGE = Operation("/v1/requests/change", RequestChange, RequestStory, change_request, writes=True)
REQUESTS_METRICS = Operation(
    "/v1/requests/metrics", MetricsQuestion, YearMetrics, requests_metrics, timeout_s=600.0
)
REQUESTS_PURGE = Operation("/v1/requests/purge", PurgeQuestion, Purged, purge_requests, writes=True)

OPERATIONS = (
    REQUESTS_LIST,
    REQUESTS_SHOW,
    REQUESTS_ADD,
    REQUESTS_CHANGE,
    REQUESTS_METRICS,
    REQUESTS_PURGE,
)


def _story(snapshot: Snapshot, recorded: Recorded, occasion: Occasion) -> RequestStory:
    view = _view(snapshot, recorded.request, occasion.registry().registry, occasion.now)
    return RequestStory(as_of=occasion.now, view=view, history=recorded.history)


def _view(snapshot: Snapshot, request: Request, registry: Registry, now: datetime) -> RequestView:
    today = _today(now)
    clocks = clocks_of(request, registry, holidays_around(_today(request.received_at)))
    return RequestView(
        request=request,
        status=status_of(request, clocks, today),
        due=due(clocks),
        is_late=any(clock.is_late(today) for clock in clocks),
        clocks=clocks,
        notes=tuple(_notes(snapshot, request)),
    )


def _notes(snapshot: Snapshot, request: Request) -> list[str]:
    notes = []
    if request.nature is Nature.KNOW and request.regime is Regime.CCPA:
        earlier = snapshot.fetch(
            "request_earlier_to_know",
            {
                "subject_key": str(request.subject_key),
                "from_at": naive_utc(_months_before(request.received_at, 12)),
                "before": naive_utc(request.received_at),
            },
        )[0]["earlier"]
        if earlier >= ANSWERS_IN_TWELVE_MONTHS:
            notes.append(
                f"{earlier} requests to know came from this person in the twelve months before; the law asks "
                "for two answers (Civ. Code 1798.130(b))"
            )
    unknown_to_gate = request.source == "register" and request.preference_event_id is None
    if unknown_to_gate and not request.is_closed and request.nature in _STOPPING:
        notes.append(
            "the register stops nothing: record the preference too (`disclosures prefer`), which the gate "
            "obeys at once"
        )
    return notes


def _check_preference(transaction: Transaction, event_id: uuid.UUID) -> None:
    if not transaction.fetch("request_preference", {"request_id": str(event_id)}):
        raise RequestChangeError(
            f"the ledger has no preference {event_id}. Wait until the recorder has it, or leave it out."
        )
    bound = transaction.fetch("request_bound", {"preference_event_id": str(event_id)})
    if bound:
        raise RequestChangeError(
            f"the preference {event_id} belongs to the request {bound[0]['request_id']}."
        )


def _append(transaction: Transaction, event: RequestEvent, now: datetime) -> None:
    row = event.model_dump(mode="json") | {"at": naive_utc(event.at), "recorded_at": naive_utc(now)}
    transaction.execute("insert_request_event", row)


def _today(at: datetime) -> date:
    return california_day(microseconds(at))


def _start_of(day: date) -> datetime:
    return from_microseconds(start_of_day_us(day))


def _end_of(day: date | None) -> datetime:
    if day is None or day >= loading.LATEST.date():
        return loading.LATEST
    return _start_of(day + timedelta(days=1))


def _months_before(at: datetime, months: int) -> datetime:
    return _start_of(months_after(_today(at), -months))


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
