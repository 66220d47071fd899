"""The register of requests: clocks, what may happen next, requests that are preferences, yearly figures."""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from disclosure_consumers.core.days.calendars import Regime
from disclosure_consumers.registry_files import example_registry
from disclosure_ledger.door.reader import LocalReader
from disclosure_ledger.published_registry import PublishedRegistry, read_published
from disclosure_ledger.requests import operations as ops
from disclosure_ledger.requests.errors import (
    RequestChangeError,
    RequestQuestionError,
    UnknownRequestError,
)
from disclosure_ledger.requests.metrics import metrics_csv
from disclosure_ledger.requests.views import (
    MetricsQuestion,
    NewRequest,
    PurgeQuestion,
    RequestChange,
    RequestFilter,
    RequestQuestion,
    RequestStory,
    RequestView,
)
from disclosure_ledger.requests.vocabulary import BASES, Basis, Change, Manner, Nature, Response, Status
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.events.disclosure import Signals
from disclosure_schemas.events.vocabulary import PreferenceChannel, PreferenceKind, SubjectType
from gate_events import event_id, preference
from ledger_filling import record_said

PERSON, DEVICE = uuid.UUID(int=0xA11CE), uuid.UUID(int=0xDE7)
SUNDAY = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)  # noon in California


class Clock:
    """The time of a test."""

    def __init__(self) -> None:
        self.now = SUNDAY

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Noon of a Sunday in California, until the test says otherwise."""
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger."""
    with Ledger.open(tmp_path / "ledger", create=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def registry() -> PublishedRegistry:
    """The example registry: MassMutual 2022 promises 15 calendar days."""
    return read_published(example_registry())


@pytest.fixture
def reader(ledger: Ledger, clock: Clock, registry: PublishedRegistry) -> LocalReader:
    """Asks the ledger at the time of the test."""
    return LocalReader(ledger, clock=clock, registry=lambda: registry)


def added(reader: LocalReader, nature: Nature = Nature.KNOW, **fields: Any) -> uuid.UUID:
    """A request entered in the register; its id."""
    values: dict[str, Any] = {"manner": Manner.PHONE, "subject_key": PERSON, "by": "ann"} | fields
    return reader.ask(ops.REQUESTS_ADD, NewRequest(nature=nature, **values)).view.request.id


def change(reader: LocalReader, request_id: uuid.UUID, what: Change, **fields: Any) -> RequestStory:
    """Something happens to a request."""
    return reader.ask(
        ops.REQUESTS_CHANGE, RequestChange(request_id=request_id, change=what, by="ann", **fields)
    )


def listed(reader: LocalReader, **fields: Any) -> tuple[RequestView, ...]:
    """Requests that a filter lets through."""
    return reader.ask(ops.REQUESTS_LIST, RequestFilter(**fields)).requests


def last_days(view: RequestView) -> dict[str, date]:
    """The day that binds, by duty."""
    return {clock.duty.value: clock.last_day for clock in view.clocks}


def shown(reader: LocalReader, request_id: uuid.UUID) -> RequestView:
    """One request as it stands."""
    return reader.ask(ops.REQUESTS_SHOW, RequestQuestion(request_id=request_id)).view


@pytest.mark.parametrize(
    ("received", "confirm", "respond", "extended"),
    [
        ("2026-01-02", "2026-01-14", "2026-02-16", "2026-04-02"),
        ("2026-06-26", "2026-07-08", "2026-08-10", "2026-09-24"),
        ("2026-11-22", "2026-12-03", "2027-01-06", "2027-02-20"),
    ],
)
def test_a_request_to_know_has_two_clocks(
    reader: LocalReader, received: str, confirm: str, respond: str, extended: str
) -> None:
    """Ten business days, Saturdays included, to confirm; 45 calendar days to respond, 90 if extended."""
    at = datetime.fromisoformat(f"{received}T10:00:00-08:00")
    view = shown(reader, added(reader, received_at=at))

    assert last_days(view) == {
        "confirm": date.fromisoformat(confirm),
        "respond": date.fromisoformat(respond),
    }
    assert view.clocks[1].extended == date.fromisoformat(extended)


@pytest.mark.parametrize(
    ("regime", "respond", "extended"),
    [
        (Regime.GDPR, "2026-12-22", "2027-02-22"),
        (Regime.HIPAA, "2027-01-21", "2027-02-20"),
        (Regime.OREGON, "2027-01-06", "2027-02-20"),
    ],
)
def test_other_laws_have_their_own_clock(
    reader: LocalReader, regime: Regime, respond: str, extended: str
) -> None:
    """One and two months in Europe, 60 and 30 days under HIPAA, 45 and 45 in Oregon; no confirmation."""
    (clock,) = shown(reader, added(reader, regime=regime)).clocks

    assert (clock.last_day.isoformat(), str(clock.extended)) == (respond, extended)


def test_the_notice_of_the_day_of_receipt_may_promise_less(reader: LocalReader) -> None:
    """MassMutual promises 15 calendar days for an opt-out, before the 15th business day."""
    (clock,) = shown(reader, added(reader, Nature.OPT_OUT)).clocks

    assert str(clock.strict) == "2026-12-09"
    assert str(clock.promised) == str(clock.last_day) == "2026-12-07"


def test_a_request_goes_from_open_to_due_soon_to_overdue_to_closed(reader: LocalReader, clock: Clock) -> None:
    """The nearest day that something is owed decides, in California."""
    request_id = added(reader)
    seen = []
    for day in ("2026-11-27", "2026-11-28", "2026-12-03", "2026-12-04"):
        clock.now = datetime.fromisoformat(f"{day}T23:00:00-08:00")
        seen.append(shown(reader, request_id).status)
    assert seen == [Status.OPEN, Status.DUE_SOON, Status.DUE_SOON, Status.OVERDUE]

    change(reader, request_id, Change.CONFIRMED)
    confirmed = shown(reader, request_id)
    assert (confirmed.status, str(confirmed.due), confirmed.is_late) == (Status.OPEN, "2027-01-06", True)

    answered = change(reader, request_id, Change.ANSWERED).view
    assert (answered.status, answered.due) == (Status.CLOSED, None)
    assert answered.request.response is Response.COMPLIED


def test_an_extension_gives_ninety_days_from_receipt(reader: LocalReader, clock: Clock) -> None:
    """Told on day 45 it still counts, and the last day is that of receipt plus 90."""
    request_id = added(reader)
    clock.now = datetime.fromisoformat("2027-01-06T23:59:00-08:00")
    story = change(reader, request_id, Change.EXTENDED, note="many systems")

    assert last_days(story.view)["respond"] == date(2027, 2, 20)
    assert story.view.request.extension_reason == "many systems"


@pytest.mark.parametrize(
    "attempt",
    [
        (46, Nature.KNOW, Change.EXTENDED, {"note": "x"}, "told of an extension by 2027-01-06"),
        (1, Nature.KNOW, Change.EXTENDED, {}, "needs its reason"),
        (1, Nature.OPT_OUT, Change.EXTENDED, {"note": "x"}, "has no extension"),
        (1, Nature.LIMIT, Change.VERIFIED, {"verification": "account"}, "needs no verification"),
        (1, Nature.OPT_OUT, Change.CONFIRMED, {}, "is not confirmed"),
        (1, Nature.KNOW, Change.VERIFIED, {}, "needs its degree"),
        (1, Nature.KNOW, Change.DENIED, {}, "needs its basis"),
        (1, Nature.OPT_OUT, Change.DENIED, {"basis": "unverifiable"}, "no basis for denying"),
        (1, Nature.KNOW, Change.DENIED, {"basis": "other"}, "needs a note"),
        (1, Nature.KNOW, Change.ANSWERED, {"in_part": True}, "needs its basis"),
        (1, Nature.KNOW, Change.ANSWERED, {"basis": "exempt"}, "answered in part, or leave it out"),
        (1, Nature.KNOW, Change.CONFIRMED, {"at": SUNDAY - timedelta(days=1)}, "from receipt"),
        (1, Nature.KNOW, Change.CONFIRMED, {"at": SUNDAY + timedelta(days=9)}, "to now"),
        (1, Nature.KNOW, Change.RECEIVED, {}, "in the register already"),
    ],
)
def test_what_may_not_happen_is_refused_with_the_reason_and_nothing_is_kept(
    reader: LocalReader, clock: Clock, attempt: tuple[int, Nature, Change, dict[str, Any], str]
) -> None:
    """A refused change leaves the request as it was."""
    days, nature, what, fields, message = attempt
    request_id = added(reader, nature)
    clock.now += timedelta(days=days)
    before = shown(reader, request_id)

    with pytest.raises(RequestChangeError, match=message):
        change(reader, request_id, what, **fields)
    assert shown(reader, request_id) == before


def test_extended_confirmed_and_closed_happen_once(reader: LocalReader) -> None:
    """A second confirmation, a second extension and anything after the response are refused."""
    request_id = added(reader)
    change(reader, request_id, Change.CONFIRMED)
    change(reader, request_id, Change.EXTENDED, note="x")
    for again in (Change.CONFIRMED, Change.EXTENDED):
        with pytest.raises(RequestChangeError, match="already"):
            change(reader, request_id, again, note="x")
    change(reader, request_id, Change.WITHDRAWN)
    with pytest.raises(RequestChangeError, match="was closed on 2026-11-22"):
        change(reader, request_id, Change.ANSWERED)


@pytest.mark.parametrize("nature", Nature)
def test_each_nature_is_denied_on_its_own_bases(reader: LocalReader, nature: Nature) -> None:
    """Every basis of the list closes a request; every other one is refused."""
    for basis in Basis:
        request_id = added(reader, nature)
        if basis in BASES[nature]:
            denied = change(reader, request_id, Change.DENIED, basis=basis, note="why").view.request
            assert (denied.response, denied.basis) == (Response.DENIED, basis)
        else:
            with pytest.raises(RequestChangeError, match="no basis"):
                change(reader, request_id, Change.DENIED, basis=basis)


def test_a_third_request_to_know_in_twelve_months_is_noted(reader: LocalReader) -> None:
    """The law asks for two answers in twelve months (1798.130(b)); a year later the count begins anew."""
    old, *_, third = [
        added(reader, received_at=SUNDAY - timedelta(days=days)) for days in (500, 300, 200, 100)
    ]

    assert shown(reader, old).notes == ()
    assert "2 requests to know" in shown(reader, third).notes[0]


def test_an_unknown_request_is_named(reader: LocalReader) -> None:
    """Nobody is told of a request that does not exist."""
    with pytest.raises(UnknownRequestError, match="there is no request"):
        shown(reader, uuid.UUID(int=5))


def test_preferences_are_requests_with_their_responses(reader: LocalReader, ledger: Ledger) -> None:
    """Opt-out, limit, deletion and the first signal of a device, answered by what was recorded later."""
    hour = timedelta(hours=1)
    begin = SUNDAY - timedelta(days=9)
    gpc = Signals(gpc=("1",))
    said = [
        preference(
            PERSON,
            PreferenceKind.OPT_OUT,
            occurred_at=begin,
            channel=PreferenceChannel.AGENT,
            agent_permission="signed",
        ),
        preference(PERSON, PreferenceKind.LIMIT_SENSITIVE, occurred_at=begin + hour),
        preference(PERSON, PreferenceKind.COMPLIED, occurred_at=begin + timedelta(days=2)),
        preference(PERSON, PreferenceKind.DELETE, occurred_at=begin + timedelta(days=3)),
        preference(PERSON, PreferenceKind.OPT_OUT, occurred_at=begin + timedelta(days=4), of=("sale",)),
        preference(PERSON, PreferenceKind.OPT_OUT_DENIED, occurred_at=begin + timedelta(days=5)),
        preference(PERSON, PreferenceKind.OPT_OUT, occurred_at=begin + timedelta(days=6), of=("glba",)),
        preference(PERSON, PreferenceKind.AGE, occurred_at=begin, age_band="adult"),
        *(
            preference(
                DEVICE,
                PreferenceKind.SIGNAL,
                occurred_at=begin + hour * number,
                subject_type=SubjectType.DEVICE,
                signals=signals,
            )
            for number, signals in enumerate((Signals(gpc=("0",)), gpc, gpc, Signals(usp="1YYN")))
        ),
    ]
    record_said(ledger, said)
    found = {view.request.id: view.request for view in listed(reader)}

    expected = {
        said[0].event_id: (Nature.OPT_OUT, Manner.AGENT, Response.COMPLIED, None),
        said[1].event_id: (Nature.LIMIT, Manner.WEB_FORM, Response.COMPLIED, None),
        said[3].event_id: (Nature.DELETE, Manner.WEB_FORM, None, None),
        said[4].event_id: (Nature.OPT_OUT, Manner.WEB_FORM, Response.DENIED, Basis.FRAUDULENT),
        said[9].event_id: (Nature.OPT_OUT, Manner.SIGNAL, Response.COMPLIED, None),
    }
    got = {key: (r.nature, r.manner, r.response, r.basis) for key, r in found.items()}
    assert got == expected
    assert found[said[0].event_id].responded_at == said[2].occurred_at
    assert found[said[9].event_id].responded_at == said[9].occurred_at


def test_what_the_business_adds_to_a_preference_joins_it(reader: LocalReader, ledger: Ledger) -> None:
    """A deletion recorded as a preference can be confirmed and denied like any request."""
    delete = preference(PERSON, PreferenceKind.DELETE, occurred_at=SUNDAY - timedelta(days=2))
    record_said(ledger, [delete])

    change(reader, delete.event_id, Change.CONFIRMED)
    story = change(reader, delete.event_id, Change.DENIED, basis=Basis.UNVERIFIABLE)

    assert [event.change for event in story.history] == [Change.RECEIVED, Change.CONFIRMED, Change.DENIED]
    assert story.view.request.source == "preference"
    assert listed(reader)[0].request == story.view.request


def test_a_request_entered_for_a_preference_counts_once(reader: LocalReader, ledger: Ledger) -> None:
    """A deletion by phone, later recorded as a preference too, is one request; no other may claim it."""
    delete = preference(PERSON, PreferenceKind.DELETE, occurred_at=SUNDAY)
    record_said(ledger, [delete])
    request_id = added(reader, Nature.DELETE, preference_event_id=delete.event_id)

    assert [view.request.id for view in listed(reader)] == [request_id]
    with pytest.raises(RequestChangeError, match="belongs to the request"):
        added(reader, Nature.DELETE, preference_event_id=delete.event_id)
    with pytest.raises(RequestChangeError, match="has no preference"):
        added(reader, Nature.DELETE, preference_event_id=event_id())


def test_a_list_is_filtered_and_paged(reader: LocalReader, clock: Clock) -> None:
    """Pages of any size hold every request once, the newest first; filters keep what they name."""
    ids = [
        added(reader, nature, received_at=SUNDAY - timedelta(days=days))
        for days, nature in enumerate([*Nature, *Nature])
    ]
    change(reader, ids[0], Change.ANSWERED)
    for limit in (1, 3, 10, 11):
        seen, cursor = [], None
        while True:
            page = reader.ask(ops.REQUESTS_LIST, RequestFilter(limit=limit, cursor=cursor))
            seen += [view.request.id for view in page.requests]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == ids

    assert {view.request.nature for view in listed(reader, natures=(Nature.KNOW,))} == {Nature.KNOW}
    assert [view.request.id for view in listed(reader, statuses=(Status.CLOSED,))] == [ids[0]]
    assert len(listed(reader, received_from=date(2026, 11, 20), received_to=date(2026, 11, 21))) == 2
    assert listed(reader, subject_keys=(DEVICE,)) == ()
    with pytest.raises(RequestQuestionError, match="no cursor"):
        listed(reader, cursor="yesterday")


def test_the_figures_of_a_year(reader: LocalReader, ledger: Ledger, clock: Clock) -> None:
    """Each nature with received, complied, denied and days; a signal once a device, at 0 days."""
    begin = datetime(2025, 3, 3, 18, tzinfo=UTC)
    for days, last in ((1, Change.ANSWERED), (2, Change.ANSWERED), (9, Change.DENIED), (0, None)):
        request_id = added(reader, received_at=begin)
        if last is not None:
            fields = {"basis": Basis.UNVERIFIABLE} if last is Change.DENIED else {}
            change(reader, request_id, last, at=begin + timedelta(days=days), **fields)
    added(reader, regime=Regime.GDPR, received_at=begin)
    added(reader, received_at=datetime.fromisoformat("2024-12-31T23:00:00-08:00"))
    visit = {"occurred_at": begin, "subject_type": SubjectType.DEVICE, "signals": Signals(gpc=("1",))}
    devices = [DEVICE, DEVICE, uuid.UUID(int=0xDE8)]
    record_said(ledger, [preference(device, PreferenceKind.SIGNAL, **visit) for device in devices])

    metrics = reader.ask(ops.REQUESTS_METRICS, MetricsQuestion(year=2025))
    know = next(row for row in metrics.natures if row.nature is Nature.KNOW)
    opt_out = next(row for row in metrics.natures if row.nature is Nature.OPT_OUT)

    assert (know.received, know.complied, know.denied, know.open) == (4, 2, 1, 1)
    assert know.denied_for["unverifiable"] == 1  # type: ignore[index]
    assert (know.median_days, know.mean_days) == (2.0, 4.0)
    assert (opt_out.received, opt_out.by_signal, opt_out.complied, opt_out.mean_days) == (2, 2, 2, 0.0)
    assert (metrics.is_complete, str(metrics.publish_by)) == (True, "2026-07-01")
    assert "2025,know,4,0,2,0,1,1,0,0,0,0,1,2,4" in metrics_csv(metrics).splitlines()
    with pytest.raises(RequestQuestionError, match="has not begun"):
        reader.ask(ops.REQUESTS_METRICS, MetricsQuestion(year=2027))


def test_a_device_counts_in_the_year_in_which_it_was_first_seen(reader: LocalReader, ledger: Ledger) -> None:
    """A browser that went on saying the same is no new request of the next year."""
    for year in (2024, 2025):
        at = datetime(year, 6, 1, tzinfo=UTC)
        visit = preference(DEVICE, PreferenceKind.SIGNAL, occurred_at=at, signals=Signals(gpc=("1",)))
        record_said(ledger, [visit])

    received = [
        sum(row.received for row in reader.ask(ops.REQUESTS_METRICS, MetricsQuestion(year=year)).natures)
        for year in (2024, 2025)
    ]
    assert received == [1, 0]


def test_records_are_purged_after_24_months_and_never_earlier(reader: LocalReader, clock: Clock) -> None:
    """Closed ones only, those under HIPAA after six years."""
    old = SUNDAY - timedelta(days=800)
    clock.now = old
    closed, medical = added(reader), added(reader, regime=Regime.HIPAA)
    opened = added(reader)
    for request_id in (closed, medical):
        change(reader, request_id, Change.ANSWERED)
    clock.now = SUNDAY
    recent = added(reader)
    change(reader, recent, Change.ANSWERED)

    with pytest.raises(RequestQuestionError, match="at least 24 months"):
        reader.ask(ops.REQUESTS_PURGE, PurgeQuestion(older_than_months=23))
    counted = reader.ask(ops.REQUESTS_PURGE, PurgeQuestion(older_than_months=24, dry_run=True))
    assert len(listed(reader)) == 4
    purged = reader.ask(ops.REQUESTS_PURGE, PurgeQuestion(older_than_months=24))
    assert counted.requests == purged.requests == 1
    assert {view.request.id for view in listed(reader)} == {medical, opened, recent}


def test_a_receipt_must_make_sense(reader: LocalReader) -> None:
    """Nothing is received in the future, and no permission is shown by nobody."""
    with pytest.raises(RequestChangeError, match="later than now"):
        added(reader, received_at=SUNDAY + timedelta(hours=1))
    with pytest.raises(RequestChangeError, match="without an agent"):
        added(reader, agent_permission="signed")


def test_ids_of_requests_are_made_in_time_order(reader: LocalReader) -> None:
    """An id of the register is a UUID of version 7, like all other ids."""
    assert added(reader).int >> 80 == new_event_id(int(SUNDAY.timestamp() * 1000)).int >> 80
