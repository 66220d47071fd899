"""The folder of a gate's preference state: restarts, crashes, damage, and what is thrown away."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from disclosure_consumers.control_tables import ControlTables
from disclosure_consumers.core.subject.facts import Content
from disclosure_consumers.core.subject.subjects import Subjects
from disclosure_consumers.memory import MemoryControlLog, MemoryLog
from disclosure_consumers.state import contents, kept_states, manifest, snapshot
from disclosure_consumers.state.contents import ContentTable
from disclosure_consumers.state.errors import SnapshotError, StateFolderInUseError
from disclosure_consumers.state.kept_states import KeptStates
from disclosure_consumers.state.subject_file import SubjectFileWriter
from disclosure_schemas.events.vocabulary import PreferenceKind
from gate_events import IDENTITIES, IDENTITY_CODEC, PREFERENCE_CODEC, PREFERENCES, link, preference
from kept_state_samples import keep, key_of, opted_out, records

ALICE, BOB, LAPTOP, CAROL = (UUID(int=n) for n in range(1, 5))
THROWN_AWAY = "kept preference state thrown away, reading the topics whole"


class Topics:
    """Control topics, and gates that restart over one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = MemoryLog()
        for topic in (PREFERENCES, IDENTITIES):
            self.log.create(topic, 2)

    def opt_out(self, subject: UUID, partition: int = 0) -> None:
        """The broker acknowledges an opt-out."""
        event = preference(subject, PreferenceKind.OPT_OUT)
        self.log.append(PREFERENCES, partition, subject.bytes, PREFERENCE_CODEC.encode(event))

    def link(self, one: UUID, other: UUID) -> None:
        """The broker acknowledges a link."""
        self.log.append(IDENTITIES, 0, one.bytes, IDENTITY_CODEC.encode(link(one, other)))

    def start(self) -> tuple[ControlTables, int]:
        """Start a gate; its control tables, and how many records it read."""
        store = KeptStates(self.folder)
        control = ControlTables(
            MemoryControlLog(self.log, [PREFERENCES, IDENTITIES]),
            preferences_topic=PREFERENCES,
            identities_topic=IDENTITIES,
            preferences=PREFERENCE_CODEC,
            identities=IDENTITY_CODEC,
            subjects=Subjects(states=store),
            store=store,
        )
        for key in (ALICE, BOB):  # what is answered before must not stay where the state is thrown away
            control.subjects.standing(key.bytes)
        return control, control.restore()

    def restart(self) -> tuple[ControlTables, int]:
        """Start a gate that runs and ends, then the next one."""
        self.start()[0].close()
        return self.start()


@pytest.fixture
def topics(tmp_path: Path) -> Topics:
    """Alice opted out, and belongs to a laptop; Bob opted out in another partition."""
    topics = Topics(tmp_path / "state")
    topics.opt_out(ALICE)
    topics.link(LAPTOP, ALICE)
    topics.opt_out(BOB, partition=1)
    return topics


def stopped(control: ControlTables) -> list[bool]:
    """Whether something stops disclosures of Alice, Bob and the laptop."""
    return [bool(control.subjects.standing(key.bytes).stops) for key in (ALICE, BOB, LAPTOP)]


def test_a_restart_reads_on_from_what_was_kept(topics: Topics) -> None:
    """A second start reads the last record of each partition and what came since, and knows everything."""
    topics.start()[0].close()
    topics.opt_out(CAROL)

    control, read = topics.start()

    assert read == 4  # three marks, and Carol's
    assert stopped(control) == [True, True, True]
    assert control.subjects.standing(CAROL.bytes).stops
    assert len(control.subjects) == 4
    control.close()


def test_a_crash_leaves_the_last_snapshot(topics: Topics, tmp_path: Path) -> None:
    """Files as they are in the middle of the next snapshot hold the former state, and what came is read."""
    control, _ = topics.restart()
    topics.opt_out(CAROL)
    control.catch_up(0)
    store = control._store
    assert isinstance(store, KeptStates)
    store.begin()
    store.keep()

    crashed = Topics(tmp_path / "crashed")
    crashed.log = topics.log
    crashed.folder.mkdir()
    for path in topics.folder.iterdir():
        (crashed.folder / path.name).write_bytes(path.read_bytes())
    again, read = crashed.start()

    assert len(list(topics.folder.glob("*.mdb"))) == 2
    assert len(list(crashed.folder.glob("*.mdb"))) == 1
    assert read == 4
    assert stopped(again) == [True, True, True]
    for each in (control, again):
        each.close()


def test_states_are_kept_when_enough_has_come(topics: Topics, monkeypatch: pytest.MonkeyPatch) -> None:
    """A running gate writes the next snapshot in pieces between batches, without being stopped."""
    monkeypatch.setattr(kept_states, "_TAIL_RECORDS_MIN", 2)
    control, _ = topics.restart()
    before = (topics.folder / manifest.MANIFEST_FILE).read_bytes()
    turns = 0
    while (topics.folder / manifest.MANIFEST_FILE).read_bytes() == before:
        control.keep()
        turns += 1
        assert turns < 10

    assert turns > 1
    assert stopped(control) == [True, True, True]
    control.close()


def test_another_gate_cannot_share_the_folder(tmp_path: Path) -> None:
    """While a process holds the folder another is told so and what to do; a dead one holds nothing."""
    code = (
        "import sys, time; from pathlib import Path\n"
        "from disclosure_consumers.state.kept_states import KeptStates\n"
        "kept = KeptStates(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StateFolderInUseError, match="DISCLOSURE_GATE_STATE"):
            KeptStates(tmp_path)
        other.kill()
        other.wait()
    KeptStates(tmp_path).close()


def only_snapshot(folder: Path) -> Path:
    """The one file of states."""
    (path,) = folder.glob("*.mdb")
    return path


def cut_off(folder: Path) -> None:
    path = only_snapshot(folder)
    path.write_bytes(path.read_bytes()[:-4096])


def flip_a_bit(folder: Path) -> None:
    path = only_snapshot(folder)
    data = bytearray(path.read_bytes())
    data[data.index(ALICE.bytes)] ^= 1
    path.write_bytes(data)


def fill_with_nonsense(folder: Path) -> None:
    path = only_snapshot(folder)
    path.write_bytes(b"\xab" * path.stat().st_size)


def remove_file(folder: Path) -> None:
    only_snapshot(folder).unlink()


def break_manifest(folder: Path) -> None:
    path = folder / manifest.MANIFEST_FILE
    path.write_bytes(path.read_bytes()[:-10])


def empty_manifest(folder: Path) -> None:
    (folder / manifest.MANIFEST_FILE).write_text("[]")


@pytest.mark.parametrize(
    "damage", [cut_off, flip_a_bit, fill_with_nonsense, remove_file, break_manifest, empty_manifest]
)
def test_a_damaged_store_is_thrown_away(topics: Topics, damage: Callable[[Path], None]) -> None:
    """Whatever is damaged is noticed and said, nothing of it is used, and the topics are read whole."""
    topics.start()[0].close()
    damage(topics.folder)

    with capture_logs() as logs:
        control, read = topics.start()

    assert [entry["event"] for entry in logs] == [THROWN_AWAY]
    assert read == 3
    assert stopped(control) == [True, True, True]
    control.close()
    with capture_logs() as logs:
        topics.start()[0].close()
    assert logs == []  # what was kept anew is whole


@pytest.mark.parametrize("part", ["format", "rules", "schemas", "shapes"])
def test_a_state_of_another_program_is_thrown_away(
    topics: Topics, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """Other rules, words or shapes read records otherwise, so the topics are read whole."""
    topics.start()[0].close()
    other = {**manifest.reader_version(), part: "other"}
    monkeypatch.setattr(manifest, "reader_version", lambda: other)

    with capture_logs() as logs:
        control, read = topics.start()

    assert [entry["event"] for entry in logs] == [THROWN_AWAY]
    assert part in logs[0]["cause"]
    assert read == 3
    control.close()


def made_anew(topics: Topics) -> None:
    """The topics are made anew and have other records, more than before."""
    new = Topics(topics.folder)
    for number in range(20, 23):
        new.opt_out(UUID(int=number))
        new.opt_out(UUID(int=number), partition=1)
        new.link(UUID(int=number), UUID(int=number + 10))
    topics.log = new.log


def emptied(topics: Topics) -> None:
    """The topics are made anew and are empty."""
    topics.log = Topics(topics.folder).log


def cut_off_and_grown(topics: Topics) -> None:
    """A broker lost the last record of one partition and has another one there."""
    topics.log.partitions[PREFERENCES, 1].clear()
    topics.opt_out(UUID(int=20), partition=1)


def renamed(topics: Topics) -> None:
    """The records are in topics of other names."""
    topics.log.partitions = {
        (f"new-{topic}" if topic == PREFERENCES else topic, partition): log
        for (topic, partition), log in topics.log.partitions.items()
    }
    topics.log.create(PREFERENCES, 2)


@pytest.mark.parametrize("change", [made_anew, emptied, cut_off_and_grown, renamed])
def test_a_state_of_other_topics_is_thrown_away(topics: Topics, change: Callable[[Topics], None]) -> None:
    """Where the topics are not those the state was taken from, it is what reading them whole gives."""
    topics.start()[0].close()
    change(topics)

    with capture_logs() as logs:
        control, read = topics.start()

    whole = Topics(topics.folder.with_name("another"))
    whole.log = topics.log
    expected, all_records = whole.start()
    assert [entry["event"] for entry in logs] == [THROWN_AWAY]
    assert read >= all_records
    assert stopped(control) == stopped(expected)
    assert not stopped(control)[1]
    assert len(control.subjects) == len(expected.subjects)
    for each in (control, expected):
        each.close()


def test_a_record_of_an_unknown_schema_is_read_again(topics: Topics) -> None:
    """What this program cannot read the next one may: the state with it is not kept, the one before is."""
    topics.start()[0].close()
    kept = (topics.folder / manifest.MANIFEST_FILE).read_bytes()
    topics.log.append(PREFERENCES, 0, LAPTOP.bytes, b"\xc3\x01" + bytes(50))
    control, _ = topics.start()
    assert control.unread_records == 1
    assert any(stop.event_id for stop in control.subjects.standing(LAPTOP.bytes).stops)
    control.close()

    assert (topics.folder / manifest.MANIFEST_FILE).read_bytes() == kept
    again, _ = topics.start()
    assert again.unread_records == 1
    again.close()


def test_a_full_disk_does_not_stop_a_gate(topics: Topics, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a snapshot cannot be written the states stay in memory, and are kept when it can be."""
    control, _ = topics.start()

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(SubjectFileWriter, "finish", full)
        patch.setattr(snapshot, "PIECE_ENTRIES", 1)
        store = control._store
        assert isinstance(store, KeptStates)
        store.begin()
        topics.opt_out(CAROL)
        with_carol = dict.fromkeys((ALICE, BOB, LAPTOP, CAROL), True)
        store.keep()
        control.catch_up(0)
        store.keep_at_once()

    assert [entry["log_level"] for entry in logs] == ["error"]
    assert list(topics.folder.glob("*.mdb")) == []
    control.subjects.standings.clear()
    assert {key: bool(control.subjects.standing(key.bytes).stops) for key in with_carol} == with_carol
    control.close()
    again, read = topics.start()
    assert read == 3
    assert stopped(again) == [True, True, True]
    again.close()


def test_a_large_state_is_not_written_anew_for_a_few_records(tmp_path: Path) -> None:
    """Ending a gate writes a snapshot only where that costs less than reading the records again."""
    keep(tmp_path, ((key_of(number), opted_out(number)) for number in range(200)))
    before = (tmp_path / manifest.MANIFEST_FILE).read_bytes()

    for came, is_written in ((3, False), (5, True)):
        kept = KeptStates(tmp_path)
        for record in records(came, 200):
            kept[record.key() or b""] = opted_out(record.offset())
            kept.took([record])
        kept.close()
        assert ((tmp_path / manifest.MANIFEST_FILE).read_bytes() != before) == is_written


def test_many_records_at_once_are_written_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While topics are read whole, what is in memory is written whenever it has grown large."""
    monkeypatch.setattr(kept_states, "_AT_ONCE_RECORDS", 10)
    kept = KeptStates(tmp_path)
    for record in records(25):
        kept[record.key() or b""] = opted_out(record.offset())
        kept.took([record])

    assert kept.tail_records == 5
    assert kept.marks()["preferences", 0].offset == 19
    assert [kept.get(key_of(number)) for number in range(25)] == [opted_out(number) for number in range(25)]
    kept.close()


def test_what_comes_during_writing_is_of_the_next_snapshot(tmp_path: Path) -> None:
    """Records that come while a snapshot is written are not in it: neither in its marks nor in its count."""
    kept = KeptStates(tmp_path)
    for record in records(3):
        kept[record.key() or b""] = opted_out(record.offset())
        kept.took([record])
        if record.offset() == 0:
            kept.begin()
            kept.keep()
    kept.keep_at_once()

    assert kept.tail_records == 2
    assert kept.marks()["preferences", 0].offset == 0
    assert [kept.get(key_of(number)) for number in range(3)] == [opted_out(number) for number in range(3)]
    kept.close()


def test_what_was_not_finished_is_removed(tmp_path: Path) -> None:
    """Files that no manifest names do not pile up."""
    keep(tmp_path, [(key_of(1), opted_out(1))])
    (tmp_path / "subjects-0123.mdb").write_bytes(b"begun")

    kept = KeptStates(tmp_path)

    assert [path.name for path in tmp_path.glob("*.mdb")] == [only_snapshot(tmp_path).name]
    assert kept.get(key_of(1)) == opted_out(1)
    kept.close()


def test_only_its_owner_can_read_the_folder(tmp_path: Path) -> None:
    """Keys and preferences are nobody else's business."""
    folder = tmp_path / "state"
    keep(folder, [(key_of(1), opted_out(1))])

    assert folder.stat().st_mode & 0o077 == 0
    assert only_snapshot(folder).stat().st_mode & 0o077 == 0


def test_texts_of_one_subject_do_not_pile_up() -> None:
    """A content with a transaction has no number, and there is an end to numbers."""
    table = ContentTable()
    assert table.number_of(Content(PreferenceKind.DIRECTION, transaction="t-1")) is None
    assert table.number_of(Content(PreferenceKind.OPT_OUT)) == 0
    assert table.number_of(Content(PreferenceKind.DELETE)) == 1
    assert table.number_of(Content(PreferenceKind.OPT_OUT)) == 0


def test_there_is_an_end_to_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A content beyond the last number is written out, and those with a number keep it."""
    monkeypatch.setattr(contents, "CONTENTS_MAX", 1)
    table = ContentTable()
    numbers = [table.number_of(Content(PreferenceKind.OPT_OUT, region=region)) for region in ("a", "b", "a")]
    assert numbers == [0, None, 0]


def test_entries_out_of_order_are_refused(tmp_path: Path) -> None:
    """A subject that would be missing from a file is an error, never a gap."""
    writer = SubjectFileWriter(tmp_path / "file")
    with pytest.raises(SnapshotError, match="order"):
        writer.append(iter([(b"b", b""), (b"a", b"")]), 10)
    writer.close()
