"""What a gate's process exposes is its table, and each gauge of its state moves."""

from itertools import count
from pathlib import Path
from uuid import UUID

import pytest

from disclosure_consumers.control_tables import ControlTables
from disclosure_consumers.registry_files import example_registry
from disclosure_consumers.registry_watch import RegistryWatch
from disclosure_consumers.service import watch_state
from disclosure_schemas.events.vocabulary import PreferenceKind
from disclosure_schemas.metrics import gate as metrics
from disclosure_schemas.metrics.metric import Process
from disclosure_schemas.metrics.table import metrics_of
from gate_events import PREFERENCES, World, preference, request
from metric_scrapes import exposed, histogram, rows
from registry_samples import sample, written

ALICE, BOB = UUID(int=1), UUID(int=2)


def ticking(control: ControlTables) -> ControlTables:
    """The same with a clock that goes on by a second whenever it is looked at."""
    control._clock_s = map(float, count()).__next__
    return control


def test_a_gate_exposes_its_table_and_nothing_else() -> None:
    """Wired as a process wires it, every row is there with its type and labels: no gauge goes unfed."""
    world = World()
    control = world.control()
    control.restore()
    watch_state(world.meter, control, RegistryWatch(example_registry()))
    world.ask(request(ALICE))

    world.gate(control).step()

    assert exposed(world.meter.meter) == rows(metrics_of(Process.GATE))


def test_the_wait_of_the_barrier_is_timed() -> None:
    """Each batch waits once, for as long as the barrier's clock says."""
    world = World()
    world.ask(request(ALICE))
    assert sum(histogram(world.meter.meter, metrics.BARRIER_SECONDS).counts) == 0

    world.gate(ticking(world.control())).step()

    seen = histogram(world.meter.meter, metrics.BARRIER_SECONDS)
    assert sum(seen.counts) == 1
    assert seen.sum >= 1


def test_the_age_of_the_state_grows_and_goes_back() -> None:
    """It is the time since the last barrier that reached the end."""
    world = World()
    control = world.control()
    moments = [0.0]
    control._clock_s = lambda: moments[0]
    control.restore()
    watch_state(world.meter, control, RegistryWatch(example_registry()))

    moments[0] = 7.0
    assert world.meter.meter.value(metrics.STATE_AGE_SECONDS) == 7
    control.barrier(0.0)
    assert world.meter.meter.value(metrics.STATE_AGE_SECONDS) == 0


def test_subjects_are_counted_and_the_restore_is_timed() -> None:
    """Two subjects said something; reading what they said took as long as the clock says."""
    world = World()
    control = ticking(world.control())
    watch_state(world.meter, control, RegistryWatch(example_registry()))
    for subject in (ALICE, BOB, BOB):
        world.prefer(preference(subject, PreferenceKind.OPT_OUT))
    assert world.meter.meter.value(metrics.STATE_SUBJECTS) == 0
    assert world.meter.meter.value(metrics.STATE_RESTORE_SECONDS) == 0

    control.restore()

    assert world.meter.meter.value(metrics.STATE_SUBJECTS) == 2
    assert world.meter.meter.value(metrics.STATE_RESTORE_SECONDS) >= 1


@pytest.mark.parametrize("value", [b"garbage", b""], ids=repr)
def test_unread_control_records_are_counted(value: bytes) -> None:
    """One for each record of a control topic that could not be read."""
    world = World()
    world.log.append(PREFERENCES, 0, ALICE.bytes, value)
    world.prefer(preference(BOB, PreferenceKind.OPT_OUT))

    world.control().restore()

    assert world.meter.meter.value(metrics.UNREAD_CONTROL_RECORDS) == 1


def test_a_broken_registry_is_told_until_it_loads_again(tmp_path: Path) -> None:
    """1 from the second look at files that do not load; 0 before, and after they were put right."""
    folder = written(tmp_path / "registry", sample())
    watch = RegistryWatch(folder, interval_s=5.0)
    world = World()
    watch_state(world.meter, world.control(), watch)
    moments = count(1000.0, 5.0)
    file = folder / "recipients.yaml"
    good = file.read_bytes()
    told = [world.meter.meter.value(metrics.REGISTRY_BROKEN)]

    for content in (b"no registry: [", good):
        file.write_bytes(content)
        for _ in range(3):
            watch.poll(next(moments))
        told.append(world.meter.meter.value(metrics.REGISTRY_BROKEN))

    assert told == [0, 1, 0]
