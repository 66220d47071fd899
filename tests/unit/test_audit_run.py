"""The audit beside a running pipeline: it waits for what is on its way, and no longer than asked."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audit_doubles import HandMadeLedger, broker_of
from disclosure_ledger.audit.facts import Extent
from disclosure_ledger.audit.run import audit
from disclosure_ledger.audit.spans import spans_of
from disclosure_schemas.topics import DECIDED, REQUESTED


class Time:
    """A clock that moves only when somebody sleeps, and then lets the next thing happen."""

    def __init__(self, *events: Callable[[], object]) -> None:
        self.now_s = 0.0
        self.sleeps = 0
        self._events: Iterator[Callable[[], object]] = iter(events)

    def clock(self) -> float:
        """Seconds since the start."""
        return self.now_s

    def sleep(self, seconds: float) -> None:
        """Let time pass and the next event happen."""
        self.now_s += seconds
        self.sleeps += 1
        next(self._events, lambda: None)()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[HandMadeLedger]:
    """An empty ledger."""
    with HandMadeLedger(tmp_path) as made:
        yield made


def test_it_does_not_wait_where_everything_is_there(ledger: HandMadeLedger) -> None:
    """A pipeline at rest is audited at once."""
    ledger.decide([(0, 0), (0, 1)])
    time = Time()

    assert audit(ledger.reader, broker_of(ledger, {0: 2}), clock=time.clock, sleep=time.sleep).is_balanced
    assert time.sleeps == 0


def test_it_waits_for_the_recorder(ledger: HandMadeLedger) -> None:
    """Decisions on the broker that the recorder has yet to take in are waited for."""
    ledger.decide([(0, 0)])
    broker = broker_of(ledger, {0: 2})
    broker.topics[DECIDED.name][0] = Extent(low=0, high=2)
    time = Time(lambda: None, lambda: ledger.decide([(0, 1)]))

    assert audit(ledger.reader, broker, clock=time.clock, sleep=time.sleep).is_balanced
    assert time.sleeps == 2


def test_it_waits_for_the_gate(ledger: HandMadeLedger) -> None:
    """Requests that the gate has yet to decide are waited for, however many batches it takes."""
    ledger.decide([(0, 0)])
    broker = broker_of(ledger, {0: 3})

    def decide(offset: int) -> None:
        ledger.decide([(0, offset)])
        broker.topics[DECIDED.name][0] = Extent(low=0, high=offset + 1)

    time = Time(lambda: decide(1), lambda: None, lambda: decide(2))
    result = audit(ledger.reader, broker, clock=time.clock, sleep=time.sleep)

    assert result.is_balanced
    assert result.requested == 3


@pytest.mark.parametrize("wait_s", [0.0, 1.0, 10.0])
def test_it_gives_up_when_time_is_up_and_says_what_waits(ledger: HandMadeLedger, wait_s: float) -> None:
    """A gate that does not come back is waited for as long as asked, then its requests are reported."""
    ledger.decide([(0, 0)])
    time = Time()
    result = audit(
        ledger.reader, broker_of(ledger, {0: 3}), wait_s=wait_s, clock=time.clock, sleep=time.sleep
    )

    assert not result.is_balanced
    assert result.waiting == {0: spans_of([1, 2])}
    assert wait_s <= time.now_s < wait_s + 1


def test_missing_requests_are_not_waited_for(ledger: HandMadeLedger) -> None:
    """A gap before a decided request never closes: it is reported at once."""
    ledger.decide([(0, 0), (0, 2)])
    time = Time()
    result = audit(ledger.reader, broker_of(ledger, {0: 3}), wait_s=60, clock=time.clock, sleep=time.sleep)

    assert result.missing == {0: spans_of([1])}
    assert time.sleeps == 0


def test_an_offset_is_looked_up_on_the_broker_once(ledger: HandMadeLedger) -> None:
    """What was found to hold no record is remembered while the audit waits."""
    ledger.decide([(0, 0), (0, 2)])
    broker = broker_of(ledger, {0: 4})
    broker.holes = {REQUESTED.name: {0: {1}}}

    def decide() -> None:
        ledger.decide([(0, 3)])
        broker.topics[DECIDED.name][0] = Extent(low=0, high=3)

    time = Time(decide)

    assert audit(ledger.reader, broker, clock=time.clock, sleep=time.sleep).is_balanced
    assert broker.looked_up == [{0: spans_of([1]) + spans_of([3])}]
