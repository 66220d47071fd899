"""Values that go into the ledger and come back from it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

Position = tuple[str, int]
"""Topic (name of the table of topics, without prefix) and partition."""


class RecordStatus(StrEnum):
    """What became of one decision, preference or identity link."""

    RECORDED = "recorded"
    ALREADY_RECORDED = "already_recorded"
    DIFFERENT_CONTENT = "already_recorded_with_different_content"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows and the Kafka positions that follow them: recorded in one transaction or not at all.

    Tables have the schemas of `store.columns`; None or an empty table for no rows.
    """

    recorded_at: datetime
    next_offsets: Mapping[Position, int]
    decisions: pa.Table | None = None
    preferences: pa.Table | None = None
    identities: pa.Table | None = None
    dead_letters: pa.Table | None = None
    bulks: pa.Table | None = None
    unreadable: pa.Table | None = None

    def newest_decided_at(self) -> datetime | None:
        """When the newest decision of the batch was made; None without decisions."""
        if self.decisions is None or not self.decisions.num_rows:
            return None
        newest: datetime = pc.max(self.decisions["decided_at"]).as_py()
        return newest.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """Counts of one recorded batch; the first three are decisions."""

    recorded: int = 0
    already_recorded: int = 0
    different_content: int = 0
    preferences: int = 0
    identities: int = 0
    dead_letters: int = 0
    bulks: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A sealed file, as in the table `segment`. `id_minutes`: runs (first, last) of minutes since 1970.

    `layout`: 1 for one wide table, 2 for rows, parts and a view of both.
    """

    name: str
    level: int
    period: str
    row_count: int
    file_bytes: int
    sha256: str
    first_event_id: uuid.UUID
    last_event_id: uuid.UUID
    id_minutes: tuple[tuple[int, int], ...] = field(repr=False)
    first_occurred_at: datetime
    last_occurred_at: datetime
    sealed_at: datetime
    layout: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerStats:
    """How much the ledger holds and how far it has read; all of one moment."""

    hot_rows: int
    sealed_rows: int
    repeats: Mapping[str, int]
    preferences: int
    identities: int
    dead_letters: int
    unreadable: int
    hot_bytes: int
    segment_bytes: int
    segments: tuple[Segment, ...]
    next_offsets: Mapping[Position, int]

    @property
    def decisions(self) -> int:
        """Decisions recorded, hot and sealed."""
        return self.hot_rows + self.sealed_rows

    @property
    def sealed_fraction(self) -> float:
        """Part of the decisions that are in sealed segments, 0 to 1."""
        return self.sealed_rows / self.decisions if self.decisions else 0.0
