"""Finds the reports that may have to be decided again: by subject and time, in as few files as can be."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from disclosure_ledger.store.connection import alias
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.reading import Snapshot
from disclosure_ledger.store.rows import COLUMNS, DecisionRow, decision_row
from disclosure_ledger.store.uuid_lists import uuid_list
from disclosure_schemas.event_ids import unix_ms_of
from disclosure_schemas.moments import from_microseconds

HOT = "hot_decision"
EVERYTHING = "decision"
ONE_BY_ONE_MAX = 64
"""Most subjects that are looked up one by one in a sorted file; more of them in one pass over it."""

_COLUMNS = ", ".join(COLUMNS)
_EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
_EARLIEST_US = -62_135_596_800_000_000


@dataclass(frozen=True, slots=True)
class Window:
    """Offsets of disclosures.decided by partition: `firsts` up to, not including, `lasts`."""

    firsts: tuple[int, ...]
    lasts: tuple[int, ...]

    @property
    def params(self) -> dict[str, list[int]]:
        """As queries take it."""
        return {"firsts": list(self.firsts), "lasts": list(self.lasts)}

    def holds(self, row: DecisionRow) -> bool:
        """Whether a decision lies in it."""
        partition = row.decided_partition
        return partition < len(self.firsts) and (
            self.firsts[partition] <= row.decided_offset < self.lasts[partition]
        )


class Candidates:
    """Looks for reports in one snapshot; what sealed files hold for ever is remembered in `linked`."""

    def __init__(self, snapshot: Snapshot, linked: dict[str, bool]) -> None:
        self._snapshot = snapshot
        self._linked = linked

    def of_subjects(self, from_us: Mapping[bytes, int]) -> list[DecisionRow]:
        """Reports about these subjects, or those linked to them by the emitter, from a moment on for each."""
        if not from_us:
            return []
        found = self._in(HOT, from_us)
        for segment in self._snapshot.segments():
            reached = {
                key: at_us
                for key, at_us in from_us.items()
                if _moment(at_us) <= segment.last_occurred_at.replace(tzinfo=UTC)
            }
            if reached:
                found += self._in(f"{alias(segment.name)}.decision", reached)
        return [row for row in found if is_reached(row, from_us)]

    def vectors(self, source: str, window: Window) -> list[tuple[list[int], list[int]]]:
        """How far the gate had read when it decided the reports of a window; each pair once."""
        rows = self._fetch("report_vectors", source, window.params)
        return [(row["preference_offsets"], row["identity_offsets"]) for row in rows]

    def subjects(self, source: str, window: Window) -> set[bytes]:
        """Whom the reports of a window are about."""
        return {row["key"].bytes for row in self._fetch("report_subjects", source, window.params)}

    def of_window(self, source: str, window: Window, about: Iterable[bytes]) -> list[DecisionRow]:
        """Reports of a window about these subjects, or those linked to them by the emitter."""
        keys = uuid_list(uuid.UUID(bytes=key) for key in about)
        params: dict[str, Any] = {**window.params, "keys": keys}
        return self._rows("reports_of_window", source, params)

    def that_may_have_ignored(self, source: str, window: Window) -> list[DecisionRow]:
        """Reports that may not be as their request was permitted, where either is of the window."""
        followed = self._fetch("requests_that_were_followed", source, window.params)[0]
        if followed["first"] is None:
            return []
        ids = {
            row["event_id"]
            for asked in self._sources_of_ids(followed["first"], followed["last"])
            for row in self._fetch("reports_that_may_have_ignored", source, window.params, asked=asked)
        }
        return self.by_id(ids)

    def that_wait(self, source: str, window: Window) -> list[tuple[uuid.UUID, uuid.UUID]]:
        """Reports of a window and the requests they follow, where the ledger does not have these."""
        followed = self._fetch("requests_that_were_followed", source, window.params)[0]
        if followed["first"] is None:
            return []
        sources = self._sources_of_ids(followed["first"], followed["last"])
        asked = " UNION ALL ".join(query("ids_in").format(source=each) for each in sources)
        rows = self._fetch("reports_that_wait", source, window.params, asked=asked)
        return [(row["event_id"], row["decision_event_id"]) for row in rows]

    def by_id(self, event_ids: Iterable[uuid.UUID]) -> list[DecisionRow]:
        """Decisions with these ids, as they were made first."""
        wanted = sorted(set(event_ids))
        if not wanted:
            return []
        params: dict[str, Any] = {
            "event_ids": uuid_list(wanted),
            "first": str(wanted[0]),
            "last": str(wanted[-1]),
        }
        return [
            row
            for source in self._sources_of_ids(wanted[0], wanted[-1])
            for row in self._rows("decisions_by_id", source, params)
        ]

    def _sources_of_ids(self, first: uuid.UUID, last: uuid.UUID) -> list[str]:
        """Where ids between these two may be: ids begin with their time."""
        first_minute, last_minute = unix_ms_of(first) // 60_000, unix_ms_of(last) // 60_000
        return [
            HOT,
            *(
                f"{alias(segment.name)}.decision"
                for segment in self._snapshot.segments()
                if any(run[0] <= last_minute and first_minute <= run[1] for run in segment.id_minutes)
            ),
        ]

    def _in(self, source: str, from_us: Mapping[bytes, int]) -> list[DecisionRow]:
        keys = uuid_list(uuid.UUID(bytes=key) for key in from_us)
        earliest = _text(min(from_us.values()))
        found: list[DecisionRow] = []
        if len(from_us) <= ONE_BY_ONE_MAX and source != HOT:  # hot rows lie in the order of time
            for key, at_us in from_us.items():
                params = {"key": str(uuid.UUID(bytes=key)), "from_moment": _text(at_us)}
                found += self._rows("reports_of_subject", source, params)
        else:
            found += self._rows("reports_of_subjects", source, {"keys": keys, "from_moment": earliest})
        if self._has_linked(source):
            linked = {"keys": keys, "from_moment": earliest}
            found += self._rows("reports_with_linked_subjects", source, linked)
        return list({row.event_id: row for row in found}.values())

    def _has_linked(self, source: str) -> bool:
        if source not in self._linked:
            there = bool(self._fetch("has_linked_subjects", source, {})[0]["found"])
            if source == HOT:
                return there
            self._linked[source] = there
        return self._linked[source]

    def _rows(self, name: str, source: str, params: Mapping[str, Any]) -> list[DecisionRow]:
        return [decision_row(list(row.values())) for row in self._fetch(name, source, params)]

    def _fetch(
        self, name: str, source: str, params: Mapping[str, Any], *, asked: str = ""
    ) -> list[dict[str, Any]]:
        sql = query(name).format(columns=_COLUMNS, source=source, asked=asked)
        return self._snapshot.fetch_sql(sql, params)


def subjects_of(row: DecisionRow) -> Sequence[bytes]:
    """Whom a decision is about, and whom the emitter says to be the same person."""
    return [row.subject_key.bytes, *(key.bytes for key in row.linked_subject_keys)]


def is_reached(row: DecisionRow, from_us: Mapping[bytes, int]) -> bool:
    """Whether a report is about one of these subjects, at or after its moment."""
    return any(key in from_us and _moment(from_us[key]) <= row.occurred_at for key in subjects_of(row))


def _moment(at_us: int) -> datetime:
    return _EARLIEST if at_us <= _EARLIEST_US else from_microseconds(at_us)


def _text(at_us: int) -> str:
    return _moment(at_us).replace(tzinfo=None).isoformat()
