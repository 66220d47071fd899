"""States of subjects that survive a restart: a snapshot on disk, and in memory what came since.

A snapshot is the state of one moment, with the marks of the control topics at that moment. Nothing that
came later is written before the next one: a restart reads it from the topics again. So the disk is never
waited for, and a crash at any moment leaves a whole state. The next snapshot is written between batches,
a piece at a time, when so many records have come that a restart would have to read for long.
"""

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from zlib import crc32

import structlog

from disclosure_consumers.core.subject.facts import SubjectState
from disclosure_consumers.ports import Mark, Message, Partition, mark_of
from disclosure_consumers.state.contents import ContentTable
from disclosure_consumers.state.encoding import StateEncoding
from disclosure_consumers.state.errors import SnapshotError
from disclosure_consumers.state.folder import held
from disclosure_consumers.state.known_keys import SHIFT, KnownKeys
from disclosure_consumers.state.merging import merged
from disclosure_consumers.state.snapshot import open_snapshot, remove_others, remove_snapshot, write_snapshot
from disclosure_consumers.state.subject_file import SubjectFile

_log = structlog.get_logger(__name__)

TAIL_RECORDS_MAX = 50_000
"""Records after which the next snapshot is begun: some three seconds of reading."""

_TAIL_RECORDS_MIN = 1_000
_ENTRIES_A_RECORD = 50  # a record costs as much to read again as so many entries to write
_AT_ONCE_RECORDS = 500_000
_DONE = object()


class KeptStates:
    """States of subjects (`core.subjects.States`) and their store (`ports.StateStore`); for one thread.

    Raises StateFolderInUseError where another gate uses the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = held(folder)
        self._contents = ContentTable()
        self._encoding = StateEncoding(self._contents)
        self._known = KnownKeys()
        self._changed: dict[bytes, bytes] = {}
        self._frozen: dict[bytes, bytes] = {}  # being written to the next snapshot
        self._writing: Generator[None, None, None] | None = None
        self._marks: dict[Partition, Mark] = {}
        self._newest: dict[Partition, Message] = {}  # since the marks
        self._file: SubjectFile | None = None
        self._count = 0
        self._asked = b""
        self._answer: SubjectState | None = None
        self.tail_records = 0
        self._is_keeping = True
        found = open_snapshot(folder, self._contents)
        if found is not None:
            manifest, self._file = found
            self._marks = dict(manifest.marks)
            self._count = self._file.entries
            self._known.add_all(self._file.keys())
        self._due_records = self._tail_limit()

    def __len__(self) -> int:
        return self._count

    def get(self, key: bytes, /) -> SubjectState | None:
        """State of a subject; None if nothing was said about it."""
        at = crc32(key) >> SHIFT
        if not self._known.bits[at >> 3] >> (at & 7) & 1:
            return None
        # A standing is worked out with several questions about one subject.
        if key == self._asked:
            return self._answer
        encoded = self._encoded(key)
        self._asked, self._answer = key, None if encoded is None else self._encoding.decode(encoded)
        return self._answer

    def __setitem__(self, key: bytes, state: SubjectState, /) -> None:
        """Have the state of a subject; it is kept with the next snapshot."""
        if self.get(key) is None:
            self._known.add_all((key,))
            self._count += 1
        self._changed[key] = self._encoding.encode(state)
        self._asked, self._answer = key, state

    def marks(self) -> Mapping[Partition, Mark]:
        """Last record of each partition that the snapshot has."""
        return self._marks

    def took(self, messages: Sequence[Message]) -> None:
        """Know that these records are in the states now."""
        for message in messages:
            self._newest[message.topic(), message.partition()] = message
        self.tail_records += len(messages)
        if self.tail_records >= _AT_ONCE_RECORDS:
            self.keep_at_once()

    def keep(self) -> None:
        """Write a piece of the next snapshot, if one is due."""
        if self._writing is None and self.tail_records >= self._due_records:
            self.begin()
        if self._writing is not None and next(self._writing, _DONE) is _DONE:
            self._writing = None

    def begin(self) -> None:
        """Begin the next snapshot, unless one is being written."""
        if self._writing is None and self._is_keeping:
            self._writing = self._write()

    def keep_at_once(self) -> None:
        """Write the next snapshot, or the rest of it."""
        self.begin()
        while self._writing is not None:
            self.keep()

    def keep_no_more(self) -> None:
        """Leave the snapshot as it is, for good."""
        if self._is_keeping:
            _log.warning(
                "preference state kept no more: the next start reads the topics from the last snapshot"
            )
        self._is_keeping = False

    def clear(self) -> None:
        """Forget all states, and remove the snapshot."""
        self._close_file()
        remove_snapshot(self._folder)
        self._changed, self._frozen = {}, {}
        self._marks, self._newest = {}, {}
        self._known = KnownKeys()
        self._asked, self._answer = b"", None
        self._count = self.tail_records = 0
        self._due_records = self._tail_limit()

    def close(self) -> None:
        """Write a snapshot where that is cheaper than reading the records again, and give the folder back."""
        if self._writing is not None or self.tail_records * _ENTRIES_A_RECORD >= max(1, self._count):
            self.keep_at_once()
        self._close_file()
        self._lock.close()

    def _encoded(self, key: bytes) -> bytes | None:
        encoded = self._changed.get(key) or self._frozen.get(key)
        if encoded is None and self._file is not None:
            encoded = self._file.get(key)
        return encoded

    def _tail_limit(self) -> int:
        wanted = self._count // _ENTRIES_A_RECORD
        return min(max(wanted, _TAIL_RECORDS_MIN), TAIL_RECORDS_MAX)

    def _write(self) -> Generator[None, None, None]:
        self._frozen, self._changed = self._changed, {}
        marks = self._marks | {where: mark_of(message) for where, message in self._newest.items()}
        records = self.tail_records
        former = iter(()) if self._file is None else self._file.items()
        frozen = self._frozen
        entries = merged(former, ((key, frozen[key]) for key in sorted(frozen)))
        try:
            manifest, file = yield from write_snapshot(self._folder, entries, self._contents, marks)
        except (SnapshotError, OSError) as error:
            _log.error("preference state could not be kept, trying again later", cause=str(error))
            self._frozen.update(self._changed)
            self._changed, self._frozen = self._frozen, {}
            self._due_records = self.tail_records + self._tail_limit()
            return
        if self._file is not None:
            self._file.close()
        self._file, self._marks, self._frozen = file, dict(manifest.marks), {}
        self.tail_records -= records
        self._due_records = self._tail_limit()
        remove_others(self._folder, keep=manifest.file)

    def _stop_writing(self) -> None:
        if self._writing is not None:
            self._writing.close()
            self._writing = None

    def _close_file(self) -> None:
        self._stop_writing()
        if self._file is not None:
            self._file.close()
            self._file = None
