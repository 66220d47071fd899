"""One person's rows, read from just those parts of the ledger that may hold them.

The view `decision` names every segment and is planned anew for each question. Here each part has a statement
that was prepared once for a connection, and parts whose keys are known not to contain the person are skipped.
"""

import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import duckdb

from disclosure_ledger.store.connection import alias
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.rows import READ_COLUMNS, DecisionRow, row_of_read
from disclosure_ledger.store.subject_keys import SubjectKeys

ANSWERING_SWITCH_INTERVAL_S = 0.0005
"""How long a thread of Python may run on before a look-up gets its turn: it takes a dozen turns, and Python's
own 5 ms for each, while the recorder decodes, would be most of an answer."""

_COLUMNS = ", ".join(READ_COLUMNS)
_HOT = "hot"


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of the ledger at one moment.

    segments: names; keys: whose rows a segment may have, for the smaller ones; hot_keys: the same of the hot
    rows, None where it was not gathered.
    """

    segments: tuple[str, ...] = ()
    keys: dict[str, SubjectKeys] = field(default_factory=dict)
    hot_keys: SubjectKeys | None = None

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
    """A connection and the statements prepared on it, by part."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self.cursor = cursor
        self._prepared: dict[str, str] = {}

    def rows(self, part: str, key: uuid.UUID) -> list[tuple[Any, ...]]:
        """READ_COLUMNS of the rows of a subject in one part."""
        statement = self._prepared.get(part) or self._prepare(part)
        return self.cursor.execute(
            query("execute_rows").format(statement=statement, subject_key=key)
        ).fetchall()

    def keep_only(self, segments: Iterable[str]) -> None:
        """Drop the statements of segments that are gone."""
        for part in self._prepared.keys() - {_HOT, *segments}:
            with suppress(duckdb.Error):
                self.cursor.execute(query("deallocate_rows").format(statement=self._prepared[part]))
            del self._prepared[part]

    def _prepare(self, part: str) -> str:
        statement = f"rows_{part}"
        source = "hot_decision" if part == _HOT else f"{alias(part)}.decision"
        self.cursor.execute(
            query("prepare_rows").format(statement=statement, columns=_COLUMNS, source=source)
        )
        self._prepared[part] = statement
        return statement


class LookUps:
    """Reads of one person's rows; for any number of threads."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, layout: CurrentLayout) -> None:
        self._connection = connection
        self._layout = layout
        self._idle: list[_Connection] = []

    def rows(self, subject_keys: Iterable[uuid.UUID]) -> list[DecisionRow]:
        """Every decision about these keys as of one moment, by time of the disclosure, then event id."""
        keys = list(dict.fromkeys(subject_keys))
        connection = self._take()
        try:
            layout, found = self._hot(connection, keys)
            connection.keep_only(layout.segments)
            for key in keys:
                for part in layout.parts_of(key):
                    found += connection.rows(part, key)
        except BaseException:
            connection.cursor.close()
            raise
        self._idle.append(connection)
        return sorted(map(row_of_read, found), key=lambda row: (row.occurred_at, row.event_id))

    def forget(self) -> None:
        """Let go of segments that are gone, in connections that nobody uses now."""
        for _ in range(len(self._idle)):
            connection = self._take()
            connection.keep_only(self._layout.settled().segments)
            self._idle.append(connection)

    def close(self) -> None:
        """Close what nobody uses."""
        while self._idle:
            self._idle.pop().cursor.close()

    def _take(self) -> _Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return _Connection(self._connection.cursor())

    def _hot(self, connection: _Connection, keys: list[uuid.UUID]) -> tuple[Layout, list[tuple[Any, ...]]]:
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
                found = [row for key in keys for row in connection.rows(_HOT, key)]
            if self._layout.settled() is layout:
                return layout, found


@contextmanager
def _transaction(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    cursor.begin()
    try:
        yield
    finally:
        cursor.rollback()
