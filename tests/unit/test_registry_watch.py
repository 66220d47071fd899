"""The registry folder under a running gate: what is taken over, when, and what is not."""

import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from disclosure_consumers.registry_files import RegistryError, load_registry
from disclosure_consumers.registry_watch import RegistryWatch
from registry_samples import NOTICE, POLICY, SPRING, sample, written

INTERVAL_S = 5.0
BROKEN = ("recipients.yaml", "category: advertisers", "category: nobody")
CHANGED = ("recipients.yaml", "effective_from: 2025-01-01", "effective_from: 2025-02-01")


class Clock:
    """A clock that goes on by one interval at each look."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def next_look(self) -> float:
        """The moment of the next look."""
        self.now_s += INTERVAL_S
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    """A clock for one watch."""
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A registry folder with the sample."""
    return written(tmp_path / "registry", sample())


def rewritten(folder: Path, *changes: tuple[str, str, str]) -> None:
    """Write the sample with changes over what is there; times of the files are told apart."""
    for name, content in sample(*changes).items():
        path = folder / name
        if not path.exists() or path.read_bytes() != content:
            before = path.stat().st_mtime_ns if path.exists() else 0
            path.write_bytes(content)
            os.utime(path, ns=(before + 1_000_000, before + 1_000_000))


def test_an_unchanged_folder_gives_nothing(folder: Path, clock: Clock) -> None:
    """The registry is there from the beginning, and looks at an unchanged folder give nothing."""
    watch = RegistryWatch(folder, interval_s=INTERVAL_S)
    assert watch.registry == load_registry(folder)
    assert [watch.poll(clock.next_look()) for _ in range(4)] == [None] * 4
    assert watch.broken is None


def test_a_change_is_taken_over_at_the_second_look(folder: Path, clock: Clock) -> None:
    """The new registry comes once, when two looks in a row have seen the same files."""
    watch = RegistryWatch(folder, interval_s=INTERVAL_S)
    old = watch.registry
    rewritten(folder, CHANGED)
    assert watch.poll(clock.next_look()) is None
    assert watch.registry is old
    new = watch.poll(clock.next_look())
    assert new is not None
    assert new == load_registry(folder)
    assert new.content_hash != old.content_hash
    assert watch.registry is new
    assert watch.poll(clock.next_look()) is None


def test_between_two_looks_the_folder_is_left_alone(folder: Path) -> None:
    """Polls within the interval see nothing, however many there are."""
    watch = RegistryWatch(folder, interval_s=INTERVAL_S)
    watch.poll(0.0)
    rewritten(folder, CHANGED)
    assert [watch.poll(moment / 10) for moment in range(50)] == [None] * 50
    assert watch.poll(5.0) is None
    assert watch.poll(9.9) is None
    assert watch.poll(10.0) is not None


def test_files_that_are_still_written_are_waited_for(folder: Path, clock: Clock) -> None:
    """While every look sees other files nothing is taken over; half-written ones are no error."""
    watch = RegistryWatch(folder, interval_s=INTERVAL_S)
    whole = (folder / SPRING).read_bytes() + b"population: [somebody]\n"
    with capture_logs() as logs:
        for part in range(1, 6):
            (folder / SPRING).write_bytes(whole[: len(whole) * part // 5])
            assert watch.poll(clock.next_look()) is None
        assert watch.poll(clock.next_look()) is not None
    assert watch.broken is None
    assert [entry["log_level"] for entry in logs] == ["info"]


def test_files_written_to_while_they_are_read_are_read_again(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that changes between the look and the end of reading is not taken over yet."""
    watch = RegistryWatch(folder, interval_s=INTERVAL_S)
    rewritten(folder, CHANGED)
    assert watch.poll(clock.next_look()) is None
    read_bytes = Path.read_bytes

    def read_and_disturb(path: Path) -> bytes:
        content = read_bytes(path)
        if path.name == "taxonomy.yaml":
            os.utime(path, ns=(1, 1))
        return content

    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", read_and_disturb)
        assert watch.poll(clock.next_look()) is None
    assert watch.poll(clock.next_look()) is None
    assert watch.poll(clock.next_look()) is not None


def test_comments_change_nothing(folder: Path, clock: Clock) -> None:
    """A change that says nothing new is read and not taken over."""
    watch = RegistryWatch(folder, interval_s=INTERVAL_S)
    old = watch.registry
    rewritten(folder, (SPRING, "# What we tell everybody.", "# What we tell everybody, in other words."))
    assert [watch.poll(clock.next_look()) for _ in range(3)] == [None] * 3
    assert watch.registry is old


def test_a_registry_that_does_not_load_is_told_once_and_the_old_one_stays(folder: Path, clock: Clock) -> None:
    """A broken folder is one structured error however often it is looked at, until it changes."""
    watch = RegistryWatch(folder, interval_s=INTERVAL_S)
    old = watch.registry
    rewritten(folder, BROKEN)
    with capture_logs() as logs:
        assert [watch.poll(clock.next_look()) for _ in range(5)] == [None] * 5
        os.utime(folder / SPRING, ns=(7, 7))  # touched, not changed
        assert [watch.poll(clock.next_look()) for _ in range(3)] == [None] * 3
    assert watch.registry is old
    assert watch.broken is not None
    assert "recipients.yaml:3: acme.category: 'nobody' is no recipient category" in watch.broken
    (entry,) = logs
    assert (entry["log_level"], entry["problems"]) == ("error", 1)
    assert entry["error"] == watch.broken
    assert entry["registry_hash"] == old.content_hash.hex()


def test_a_broken_folder_is_not_read_again_until_it_changes(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once found broken, a folder that stays as it is costs no more than its looks."""
    watch = RegistryWatch(folder, interval_s=INTERVAL_S)
    rewritten(folder, BROKEN)
    watch.poll(clock.next_look())
    watch.poll(clock.next_look())
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path.name} is read again"))
    assert [watch.poll(clock.next_look()) for _ in range(3)] == [None] * 3
    assert watch.broken is not None


def test_a_mistake_that_comes_back_is_told_again(folder: Path, clock: Clock) -> None:
    """The same broken content after a repair is another error in the log."""
    watch = RegistryWatch(folder, interval_s=INTERVAL_S)
    with capture_logs() as logs:
        for changes in ((BROKEN,), (), (BROKEN,)):
            rewritten(folder, *changes)
            watch.poll(clock.next_look())
            watch.poll(clock.next_look())
    assert [entry["log_level"] for entry in logs] == ["error", "error"]


def test_every_broken_content_is_told(folder: Path, clock: Clock) -> None:
    """Another mistake is another error in the log."""
    watch = RegistryWatch(folder, interval_s=INTERVAL_S)
    with capture_logs() as logs:
        for change in (BROKEN, ("recipients.yaml", "category: advertisers", "category: nobody_else")):
            rewritten(folder, change)
            watch.poll(clock.next_look())
            watch.poll(clock.next_look())
    assert [entry["log_level"] for entry in logs] == ["error", "error"]
    assert logs[0]["error"] != logs[1]["error"]


def test_a_repaired_registry_is_taken_over(folder: Path, clock: Clock) -> None:
    """After a repair nothing is broken; what changed is taken over, and the same content is not."""
    watch = RegistryWatch(folder, interval_s=INTERVAL_S)
    for repair, taken in (((), False), ((CHANGED,), True)):
        rewritten(folder, BROKEN)
        watch.poll(clock.next_look())
        watch.poll(clock.next_look())
        assert watch.broken is not None
        rewritten(folder, *repair)
        watch.poll(clock.next_look())
        assert (watch.poll(clock.next_look()) is not None) is taken
        assert watch.broken is None


def test_files_that_come_and_go_are_seen(folder: Path, clock: Clock) -> None:
    """A notice that is added or removed changes the registry."""
    (folder / "policy.yaml").unlink()
    watch = RegistryWatch(folder, interval_s=INTERVAL_S)
    written(folder, {"notices/other.yaml": NOTICE.replace("id: spring", "id: other").encode()})
    watch.poll(clock.next_look())
    with_two = watch.poll(clock.next_look())
    (folder / "notices/other.yaml").unlink()
    watch.poll(clock.next_look())
    with_one = watch.poll(clock.next_look())
    assert with_two is not None
    assert with_one is not None
    assert [len(found.notices) for found in (with_two, with_one)] == [2, 1]


def test_a_folder_that_goes_away_is_told_and_comes_back(folder: Path, clock: Clock) -> None:
    """Without its folder the registry stays in force; once the folder is back, changes count again."""
    watch = RegistryWatch(folder, interval_s=INTERVAL_S)
    away = folder.with_name("away")
    folder.rename(away)
    with capture_logs() as logs:
        assert [watch.poll(clock.next_look()) for _ in range(4)] == [None] * 4
    assert [entry["log_level"] for entry in logs] == ["error"]
    assert watch.broken is not None
    assert "is no registry" in watch.broken
    rewritten(away, CHANGED)
    away.rename(folder)
    watch.poll(clock.next_look())
    assert watch.poll(clock.next_look()) is not None
    assert watch.broken is None


def test_the_notices_named_by_the_caller_stay(folder: Path, clock: Clock) -> None:
    """Notices given to the watch are in force before and after a change, whatever policy.yaml says."""
    written(folder, {"notices/other.yaml": NOTICE.replace("id: spring", "id: other").encode()})
    watch = RegistryWatch(folder, iter(["other"]), interval_s=INTERVAL_S)
    rewritten(folder, CHANGED)
    watch.poll(clock.next_look())
    new = watch.poll(clock.next_look())
    assert new is not None
    assert [notice.id for notice in (*watch.registry.notices, *new.notices)] == ["other", "other"]


def test_a_named_notice_that_goes_away_is_an_error(folder: Path, clock: Clock) -> None:
    """A change that takes a named notice away does not load."""
    written(folder, {"notices/other.yaml": NOTICE.replace("id: spring", "id: other").encode()})
    watch = RegistryWatch(folder, ["other"], interval_s=INTERVAL_S)
    (folder / "notices/other.yaml").unlink()
    watch.poll(clock.next_look())
    assert watch.poll(clock.next_look()) is None
    assert watch.broken is not None
    assert "'other' is no notice" in watch.broken


def test_a_watch_does_not_begin_with_a_broken_registry(folder: Path) -> None:
    """Without a registry to go on with, a folder that does not load is refused."""
    rewritten(folder, ("policy.yaml", POLICY, "published: [nobody]"))
    with pytest.raises(RegistryError, match="'nobody' is no notice"):
        RegistryWatch(folder)
