"""The outbox file: durable, ordered, locked, and never silently dropped."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from disclosure_producers.errors import OutboxError
from disclosure_producers.outbox import Outbox, OutboxFolder, StoredEvent

EVENTS = [(b"key-1", b"value-1"), (b"key-2", b"value-22"), (b"key-1", b"value-3")]


@pytest.fixture
def folder(tmp_path: Path) -> OutboxFolder:
    """The outboxes of one topic."""
    return OutboxFolder(tmp_path / "outbox", "requests")


def die(outbox: Outbox) -> None:
    """What the system does to the files of a killed process."""
    outbox._database.close()
    outbox._lock.release(remove=False)


def test_events_come_back_in_the_order_in_which_they_were_added(folder: OutboxFolder) -> None:
    """Keys, bytes and order survive; reading goes on after a row."""
    outbox = folder.create("run-1")
    first = outbox.add(EVENTS[:2])
    second = outbox.add(EVENTS[2:])

    found = outbox.after(0, 10)
    assert [(event.key, event.value) for event in found] == EVENTS
    assert (first, second) == (1, 3)
    assert outbox.after(2, 10) == [StoredEvent(3, *EVENTS[2])]
    assert outbox.after(0, 1) == found[:1]
    outbox.close()


def test_size_and_count_follow_what_is_in_the_file(folder: OutboxFolder) -> None:
    """Adding, removing and setting aside keep the counts; a removed row's number is not used again."""
    outbox = folder.create("run-1")
    outbox.add(EVENTS)
    assert (outbox.events, outbox.size_bytes) == (3, 22)

    outbox.remove([(3, 7)])
    outbox.set_aside(1, 7, "too large")

    assert (outbox.events, outbox.size_bytes, outbox.refused) == (1, 8, 1)
    assert outbox.add(EVENTS[:1]) == 4
    outbox.close()


def test_an_empty_outbox_leaves_no_file(folder: OutboxFolder, tmp_path: Path) -> None:
    """Closing removes the file and its lock once everything was delivered."""
    outbox = folder.create("run-1")
    outbox.add(EVENTS[:1])
    outbox.remove([(1, 7)])
    outbox.close()

    assert list((tmp_path / "outbox").iterdir()) == []


def test_every_commit_is_synced(folder: OutboxFolder) -> None:
    """The file is in write-ahead mode and syncs at each commit, as its promise needs."""
    outbox = folder.create("run-1")

    assert outbox._database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert outbox._database.execute("PRAGMA synchronous").fetchone() == (2,)
    outbox.close()


def test_what_a_dead_run_left_is_adopted_oldest_first(folder: OutboxFolder) -> None:
    """Files whose owners are gone are opened in the order of their runs, with their events."""
    for run in ("run-2", "run-1"):
        outbox = folder.create(run)
        outbox.add([(b"key", run.encode())])
        die(outbox)

    adopted, damaged = folder.adopt()

    assert [outbox.after(0, 9)[0].value for outbox in adopted] == [b"run-1", b"run-2"]
    assert damaged == []
    for outbox in adopted:
        outbox.close()


def test_the_outbox_of_a_living_run_is_not_adopted(folder: OutboxFolder) -> None:
    """A held lock keeps others away; so does adoption, from a third."""
    outbox = folder.create("run-1")
    outbox.add(EVENTS)
    assert folder.adopt() == ([], [])
    die(outbox)

    [adopted], _ = folder.adopt()

    assert folder.adopt() == ([], [])
    adopted.close()


def test_outboxes_of_other_topics_are_not_adopted(tmp_path: Path) -> None:
    """A topic whose name begins with another's name keeps its events."""
    other = OutboxFolder(tmp_path, "requests.more").create("run-1")
    other.add(EVENTS)
    die(other)

    assert OutboxFolder(tmp_path, "requests").adopt() == ([], [])


@pytest.mark.parametrize("damage", ["no database", "torn pages"])
def test_a_damaged_outbox_is_set_aside_and_reported(
    folder: OutboxFolder, tmp_path: Path, damage: str
) -> None:
    """Its bytes are kept under another name, the error names both, and later adoptions pass it over."""
    outbox = folder.create("run-1")
    outbox.add([(b"key", bytes([number % 256]) * 3000) for number in range(50)])
    outbox._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    die(outbox)
    content = bytearray(outbox.path.read_bytes())
    if damage == "no database":
        content[:100] = b"x" * 100
    else:
        content[4096:40960] = os.urandom(36864)
    outbox.path.write_bytes(content)

    adopted, [error] = folder.adopt()

    aside = outbox.path.with_suffix(".damaged")
    assert adopted == []
    assert aside.read_bytes() == bytes(content)
    assert outbox.path.name in str(error)
    assert str(aside) in str(error)
    assert folder.adopt() == ([], [])


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    """Where a folder cannot be made, the error names it and the setting."""
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")

    with pytest.raises(OutboxError, match="DISCLOSURE_PRODUCER_OUTBOX_DIR"):
        OutboxFolder(blocked / "outbox", "requests").create("run-1")


def test_a_disk_that_fails_is_an_error_and_changes_nothing(folder: OutboxFolder) -> None:
    """A failed commit raises OutboxError and leaves the counts and the file as they were."""
    outbox = folder.create("run-1")
    outbox.add(EVENTS[:1])
    outbox._database.execute("PRAGMA query_only = ON")
    with pytest.raises(OutboxError, match=outbox.path.name):
        outbox.add(EVENTS[1:])
    outbox._database.execute("PRAGMA query_only = OFF")

    assert (outbox.events, outbox.last_row) == (1, 1)
    assert outbox.add(EVENTS[1:]) == 2
    assert len(outbox.after(0, 9)) == 3
    outbox.remove([(1, 7), (2, 8), (3, 7)])
    outbox.close()


def test_only_the_owner_may_read_an_outbox(folder: OutboxFolder, tmp_path: Path) -> None:
    """The folder is for this user alone."""
    folder.create("run-1").close()

    assert stat.S_IMODE((tmp_path / "outbox").stat().st_mode) == 0o700


def test_a_refused_event_can_be_read_with_its_reason(folder: OutboxFolder) -> None:
    """What was set aside is in a table of the file, which stays."""
    outbox = folder.create("run-1")
    outbox.add(EVENTS)
    outbox.set_aside(2, 8, "too large")
    outbox.remove([(1, 7), (3, 7)])
    outbox.close()

    with sqlite3.connect(outbox.path) as database:
        rows = database.execute("SELECT key, value, reason FROM refused").fetchall()
    database.close()
    assert rows == [(b"key-2", b"value-22", "too large")]
