"""One person's rows, read from just those parts of the ledger that may hold them.

The view `decision` names every segment and joins every part. Here each file is asked for narrow rows alone;
files whose keys are known not to contain the person are skipped, what repeats is remembered by its number.
"""

import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from disclosure_ledger.store.connection import alias
from disclosure_ledger.store.known_parts import KnownParts
from disclosure_ledger.store.parts import ROW_COLUMNS
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.redecisions import Redecision, redecisions_of_subjects
from disclosure_ledger.store.rows import READ_COLUMNS, DecisionRow, row_of_read
from disclosure_ledger.store.sources import HOT_ROWS
from disclosure_ledger.store.subject_keys import SubjectKeys

ANSWERING_SWITCH_INTERVAL_S = 0.0005
"""How long a thread of Python may run on before a look-up gets its turn: it takes a dozen turns, and Python's
own 5 ms for each, while the recorder decodes, would be most of an answer."""

_COLUMNS = ", ".join(ROW_COLUMNS)
_WIDE_COLUMNS = ", ".join(READ_COLUMNS)
_HOT = "hot"


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of the ledger at one moment.

    segments: names; keys: whose rows a segment may have, for the smaller ones; hot_keys: the same of the hot
    rows, None where it was not gathered; wide: segments of the first layout.
    """

    segments: tuple[str, ...] = ()
    keys: dict[str, SubjectKeys] = field(default_factory=dict)
    hot_keys: SubjectKeys | None = None
    wide: frozenset[str] = frozenset()

    def parts_of(self, key: uuid.UUID) -> list[str]:
        """Segments that may have rows of this subject."""
        return [
            name for name in self.segments if name not in self.keys or self.keys[name].may_hold(key.bytes)
        ]


class CurrentLayout:
    """The newest layout. A change of the tables and of the layout is one step for readers."""

    def __init__(self) -> None:
        self.now = Layout()
        self.changing = False
        self.lock = threading.Lock()

    def change(self, commit: Callable[[], object], layout: Callable[[], Layout]) -> None:
        """Commit, then show the layout that the commit made."""
        with self.lock:
            self.changing = True
            try:
                commit()
                self.now = layout()
            finally:
                self.changing = False

    def settled(self) -> Layout:
        """The layout, once no change is under way."""
        if self.changing:
            with self.lock:
                return self.now
        return self.now


class _Connection:
    """A connection, and what it reads of one person."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, known: KnownParts) -> None:
        self.cursor = cursor
        self._known = known

    def rows(self, part: str, key: uuid.UUID, *, wide: bool) -> list[DecisionRow]:
        """Rows of a subject in hot.duckdb or one sealed file."""
        if wide:
            sql = _sql(_WIDE_COLUMNS, f"{alias(part)}.decision", key)
            return [row_of_read(values) for values in self.cursor.execute(sql).fetchall()]
        source = HOT_ROWS if part == _HOT else f"{alias(part)}.decision_row"
        found = self.cursor.execute(_sql(_COLUMNS, source, key)).fetchall()
        database = "" if part == _HOT else f"{alias(part)}."
        return self._known.rows(self.cursor, database, found)


def _sql(columns: str, source: str, key: uuid.UUID) -> str:
    return query("rows_in").format(columns=columns, source=source, subject_key=key)


class LookUps:
    """Reads of one person's rows; for any number of threads."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, layout: CurrentLayout) -> None:
        self._connection = connection
        self._layout = layout
        self._known = KnownParts()
        self._idle: list[_Connection] = []

    def rows(self, subject_keys: Iterable[uuid.UUID]) -> list[DecisionRow]:
        """Every decision about these keys as of one moment, by time of the disclosure, then event id."""
        keys = list(dict.fromkeys(subject_keys))
        connection = self._take()
        try:
            layout, found = self._hot(connection, keys)
            for key in keys:
                for part in layout.parts_of(key):
                    found += connection.rows(part, key, wide=part in layout.wide)
        except BaseException:
            connection.cursor.close()
            raise
        self._idle.append(connection)
        return sorted(found, key=lambda row: (row.occurred_at, row.event_id))

    def redecisions(self, keys: Iterable[uuid.UUID], known_at: datetime | None) -> list[Redecision]:
        """How reports about these people were decided again by a moment, or by now."""
        connection = self._take()
        try:
            found = redecisions_of_subjects(connection.cursor, keys, known_at)
        except BaseException:
            connection.cursor.close()
            raise
        self._idle.append(connection)
        return found

    def close(self) -> None:
        """Close what nobody uses."""
        while self._idle:
            self._idle.pop().cursor.close()

    def _take(self) -> _Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return _Connection(self._connection.cursor(), self._known)

    def _hot(self, connection: _Connection, keys: list[uuid.UUID]) -> tuple[Layout, list[DecisionRow]]:
        """Hot rows of the keys, and the layout they go with.

        Rows that move from hot into a segment meanwhile would be seen twice or never: then it is read again.
        """
        while True:
            layout = self._layout.settled()
            hot = layout.hot_keys
            # All keys or none: rows of one batch are seen together.
            if hot is not None and not any(hot.may_hold(key.bytes) for key in keys):
                return layout, []
            with _transaction(connection.cursor):
                found = [row for key in keys for row in connection.rows(_HOT, key, wide=False)]
            if self._layout.settled() is layout:
                return layout, found


@contextmanager
def _transaction(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    cursor.begin()
    try:
        yield
    finally:
        cursor.rollback()
