"""What a gate counts, by what happens to it."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from disclosure_consumers.core.registry import Contract, Period, Recipient
from disclosure_consumers.gate_meter import Lag, contracts_expiring
from disclosure_consumers.metering.meter import Histogram
from disclosure_consumers.ports import FencedError
from disclosure_schemas.events.vocabulary import Mode, PreferenceKind
from disclosure_schemas.metrics import gate as metrics
from disclosure_schemas.metrics.metric import Metric
from disclosure_schemas.moments import microseconds
from gate_events import NOW, REQUESTS, World, disclosure, preference, registry, request

ALICE, BOB = UUID(int=1), UUID(int=2)
DAY_US = 24 * 3600 * 1_000_000


def histogram(world: World, metric: Metric) -> Histogram:
    """The one series of a histogram."""
    (reading,) = [reading for reading in world.meter.meter.readings() if reading.metric is metric]
    return reading.histograms[()]


def test_decisions_count_by_what_they_say() -> None:
    """Equal answers add up in one series; the recipient's category, not its name, is a label."""
    world = World()
    world.prefer(preference(BOB, PreferenceKind.OPT_OUT))
    for subject in (ALICE, ALICE, BOB):
        world.ask(request(subject))
    world.ask(request(ALICE, disclosure(recipient_id="nobody_knows")))

    world.gate().step()

    count = world.meter.meter.value
    sale = ("sale", "commercial_data_partners")
    assert count(metrics.DECISIONS, ("request", "permit", "not_opted_out", *sale)) == 2
    assert count(metrics.DECISIONS, ("request", "suppress", "opted_out_of_sale", *sale)) == 1
    assert count(metrics.DECISIONS, ("request", "reject", "unknown_recipient", "sale", "none")) == 1
    assert count(metrics.TRANSACTIONS, ("committed",)) == 1


def test_a_violation_counts_by_its_reason() -> None:
    """A report of a sale after an opt-out that was complied with is a violation, and is counted as one."""
    world = World()
    world.prefer(preference(ALICE, PreferenceKind.OPT_OUT))
    world.prefer(preference(ALICE, PreferenceKind.COMPLIED))
    world.ask(request(ALICE, disclosure(mode=Mode.REPORT)))

    world.gate().step()

    assert world.meter.meter.value(metrics.VIOLATIONS, ("opted_out_of_sale",)) == 1


def test_what_was_aborted_does_not_count_as_decided() -> None:
    """A batch that is taken again is counted once, when it is written."""
    world = World()
    world.ask(request(ALICE))
    world.sink.failures = 1
    gate = world.gate()

    gate.step()
    gate.step()

    count = world.meter.meter.value
    assert count(metrics.TRANSACTIONS, ("aborted",)) == 1
    assert count(metrics.TRANSACTIONS, ("committed",)) == 1
    (decided,) = [reading for reading in world.meter.meter.readings() if reading.metric is metrics.DECISIONS]
    assert sum(decided.values.values()) == 1


def test_being_fenced_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate whose place was taken says so before it ends."""
    world = World()
    world.ask(request(ALICE))

    def fence(*_: object) -> None:
        raise FencedError("this gate was fenced")

    monkeypatch.setattr(world.sink, "deliver", fence)
    with pytest.raises(FencedError):
        world.gate().step()

    assert world.meter.meter.value(metrics.TRANSACTIONS, ("fenced",)) == 1


def test_dead_letters_count_by_cause() -> None:
    """What cannot be read is counted under why."""
    world = World()
    world.log.append(REQUESTS, 0, b"key", b"no avro at all")

    world.gate().step()

    assert world.meter.meter.value(metrics.DEAD_LETTERS, ("malformed",)) == 1


def test_latency_is_counted_from_the_acknowledgement() -> None:
    """A request that waited 20 seconds falls into the buckets above 10, whatever its sender's clock says."""
    world = World()
    world.ask(request(ALICE))
    world.now = NOW + timedelta(seconds=20)

    world.gate().step()

    seen = histogram(world, metrics.DECISION_SECONDS)
    assert seen.sum == pytest.approx(20)
    assert sum(seen.counts) == 1
    assert world.meter.meter.value(metrics.CLOCK_AHEAD) == 0


def test_of_a_large_batch_a_part_stands_for_all() -> None:
    """The histogram counts every request, though only some are looked at."""
    world = World()
    for _ in range(500):
        world.ask(request(ALICE))

    world.gate().step()

    assert sum(histogram(world, metrics.DECISION_SECONDS).counts) == pytest.approx(500)


def test_a_clock_that_is_ahead_is_seen() -> None:
    """A request sent in what the broker takes for the future tells of a wrong clock."""
    world = World()
    ahead = NOW + timedelta(minutes=3)
    world.ask(request(ALICE, occurred_at=ahead, emitted_at=ahead))

    world.gate().step()

    assert world.meter.meter.value(metrics.CLOCK_AHEAD) == 1


def test_propagation_is_counted_for_what_comes_after_the_start() -> None:
    """Reading old preferences at the start is no propagation; one that arrives later is."""
    world = World()
    world.prefer(preference(ALICE, PreferenceKind.OPT_OUT))
    control = world.control()
    control.restore()
    world.prefer(preference(BOB, PreferenceKind.OPT_OUT))
    world.now = NOW + timedelta(seconds=3)
    world.ask(request(BOB))

    world.gate(control).step()

    seen = histogram(world, metrics.PROPAGATION_SECONDS)
    assert sum(seen.counts) == 1
    assert seen.sum == pytest.approx(3)
    assert world.meter.meter.value(metrics.BARRIERS, ("current",)) == 1


def test_lag_tells_what_waits_and_for_how_long() -> None:
    """Offsets by partition; seconds only while something waits."""
    world = World()
    world.meter.watch(
        state_age_s=lambda: 0.0,
        subjects=lambda: 0,
        registry=lambda: registry("neutral"),
        is_registry_broken=lambda: False,
        now_us=lambda: microseconds(NOW) + 4_000_000,
    )
    for waiting, expected_s in ((3, 4.0), (0, 0.0)):
        world.meter.is_behind(Lag({0: waiting, 1: 0}, microseconds(NOW)))
        assert world.meter.meter.value(metrics.LAG_EVENTS, ("0",)) == waiting
        assert world.meter.meter.value(metrics.LAG_SECONDS) == expected_s


def test_a_batch_smaller_than_what_waits_leaves_a_lag() -> None:
    """The gate asks its source once a second what it has not taken."""
    world = World()
    for _ in range(5):
        world.ask(request(ALICE))

    world.gate(batch_events=2).step()

    assert world.meter.meter.value(metrics.LAG_EVENTS, ("0",)) == 3


def test_contracts_that_end_without_a_successor_are_counted() -> None:
    """A contract that is followed by one of its type is no cause for alarm; horizons include each other."""
    now_us = microseconds(NOW)

    def contract(name: str, from_days: int, until_days: int) -> Contract:
        period = Period(now_us + from_days * DAY_US, now_us + until_days * DAY_US)
        return Contract(id=name, type="third_party", period=period)

    recipients = {
        "soon": Recipient("soon", "Soon", "insurers", contracts=(contract("a", -10, 5),)),
        "later": Recipient("later", "Later", "insurers", contracts=(contract("b", -10, 60),)),
        "followed": Recipient(
            "followed", "Followed", "insurers", contracts=(contract("c", -10, 5), contract("d", 5, 900))
        ),
        "ended": Recipient("ended", "Ended", "insurers", contracts=(contract("e", -10, -5),)),
    }
    found = contracts_expiring(replace(registry("neutral"), recipients=recipients), now_us)

    assert found == {("7",): 1.0, ("30",): 1.0, ("90",): 2.0}


def test_an_idle_gate_stays_sure_of_its_state() -> None:
    """With nothing to decide the state is looked at every few seconds, and its age goes back."""
    world = World()
    moments = [0.0]
    control = world.control()
    control._clock_s = lambda: moments[0]
    control.restore()
    moments[0] = 4.0
    control.idle()
    assert control.age_s == 4.0

    moments[0] = 6.0
    control.idle()
    assert control.age_s == 0.0
