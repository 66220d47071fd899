"""A ledger whose disk has no room: errors say so, nothing is lost or doubled, and it goes on afterwards.

The room is taken away by the limit on the size of files, which fails writes as a full disk does.
"""

import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import pytest

from decision_samples import CODEC, decision
from disclosure_ledger.cli import failures
from disclosure_ledger.recorder import Recorder
from disclosure_ledger.settings import LedgerSettings
from disclosure_ledger.store.errors import LedgerError, LedgerFullError, LedgerHaltedError
from disclosure_ledger.store.failed_writes import named_failures
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.topics import DECIDED
from memory_log import MemoryLog, MemorySource
from recorder_samples import CODECS

COUNT = 400


@contextmanager
def no_room() -> Iterator[None]:
    """Let no file grow beyond a few kilobytes meanwhile."""
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))


def log_of(numbers: range) -> MemoryLog:
    """A log with these decisions in one partition."""
    log = MemoryLog()
    add(log, numbers)
    return log


def add(log: MemoryLog, numbers: range) -> None:
    """Append decisions to a log."""
    events = [decision(number) for number in numbers]
    log.append(DECIDED.name, 0, [(event.request.subject_key.bytes, CODEC.encode(event)) for event in events])


def recorder(ledger: Ledger, log: MemoryLog) -> Recorder:
    """A recorder that reads on at the ledger's positions."""
    source = MemorySource(log)
    source.open(ledger.next_offsets(), 0)
    return Recorder(ledger, source, CODECS, LedgerSettings(batch_rows=COUNT))


def event_count(ledger: Ledger) -> tuple[int, int]:
    """Decisions, and different event ids among them."""
    with ledger.cursor() as cursor:
        row = cursor.execute("SELECT count(*), count(DISTINCT event_id) FROM decision").fetchall()[0]
    return int(row[0]), int(row[1])


def test_a_batch_that_finds_no_room_is_named_and_leaves_the_ledger_as_it_was(tmp_path: Path) -> None:
    """The error says what happened and what to do; the ledger is as before and records once there is room."""
    log = log_of(range(COUNT))
    with Ledger.open(tmp_path, create=True) as ledger:
        made = recorder(ledger, log)
        with no_room(), pytest.raises(LedgerFullError) as caught:
            made.step()
        assert str(tmp_path) in str(caught.value)
        assert "File too large" in str(caught.value)
        assert "Make room" in str(caught.value)
        assert event_count(ledger) == (0, 0)
        assert ledger.next_offsets() == {}
        recorder(ledger, log).step()
        assert event_count(ledger) == (COUNT, COUNT)
    assert failures.exit_code_of(caught.value) == failures.UNREACHABLE


def test_a_recorder_waits_for_room_and_records_everything_once(tmp_path: Path) -> None:
    """The recorder goes on trying while there is no room, and has every decision exactly once afterwards."""
    log = log_of(range(COUNT))
    done = threading.Event()
    waits: list[float] = []
    room = no_room()

    class Patience:
        """Frees room at the third wait; stops when everything is recorded."""

        def is_set(self) -> bool:
            return done.is_set()

        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0)
            if len(waits) == 3:
                room.__exit__(None, None, None)
            return False

    with Ledger.open(tmp_path, create=True) as ledger:
        made = Recorder(ledger, MemorySource(log), CODECS, LedgerSettings())
        room.__enter__()
        try:
            made.run(Patience(), lambda step: done.set() if step.received else None)
        finally:
            with suppress(RuntimeError):  # freed already
                room.__exit__(None, None, None)
        assert len(waits) == 3
        assert event_count(ledger) == (COUNT, COUNT)
        assert ledger.next_offsets()[DECIDED.name, 0] == COUNT


@pytest.mark.parametrize("what", ["seal", "merge"])
def test_sealing_without_room_loses_nothing_and_works_later(tmp_path: Path, what: str) -> None:
    """A segment that cannot be written leaves every decision in place, no file behind, and succeeds later."""
    with Ledger.open(tmp_path, create=True) as ledger:
        log = MemoryLog()
        for part in range(2):
            add(log, range(COUNT * part, COUNT * (part + 1)))
            recorder(ledger, log).step()
            if what == "merge":
                ledger.seal()
        before = {file.name for file in (tmp_path / "segments").iterdir()}
        with no_room(), pytest.raises(LedgerError) as caught:
            work(ledger, what)
        assert isinstance(caught.value, LedgerFullError | LedgerHaltedError)
        if isinstance(caught.value, LedgerFullError):
            assert {file.name for file in (tmp_path / "segments").iterdir()} == before
    with Ledger.open(tmp_path) as ledger:
        assert {file.name for file in (tmp_path / "segments").iterdir()} == before
        assert event_count(ledger) == (2 * COUNT, 2 * COUNT)
        assert work(ledger, what)
        assert event_count(ledger) == (2 * COUNT, 2 * COUNT)


def work(ledger: Ledger, what: str) -> object:
    """Seal or merge; what came of it."""
    if what == "seal":
        return ledger.seal()
    return ledger.compact(merge_segments=2, merge_rows_max=10**9)


def test_a_database_that_stopped_itself_says_so_and_goes_on_when_opened_again(tmp_path: Path) -> None:
    """After a checkpoint without room all is refused by name; opened again, the ledger has everything."""
    log = log_of(range(COUNT))
    ledger = Ledger.open(tmp_path, create=True)
    recorder(ledger, log).step()
    with no_room(), pytest.raises(LedgerHaltedError), named_failures(tmp_path), ledger.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    add(log, range(COUNT, COUNT + 10))
    with pytest.raises(LedgerHaltedError) as caught, named_failures(tmp_path):
        recorder(ledger, log).step()
    assert "started again" in str(caught.value)
    with suppress(LedgerHaltedError):
        ledger.close()
    with Ledger.open(tmp_path) as opened:
        assert event_count(opened) == (COUNT, COUNT)
        recorder(opened, log).step()
        assert event_count(opened) == (COUNT + 10, COUNT + 10)


def test_other_errors_keep_their_name(tmp_path: Path) -> None:
    """An error of the database that is not about room is not taken for one."""
    with pytest.raises(duckdb.CatalogException), named_failures(tmp_path):
        duckdb.sql("SELECT * FROM nowhere")
