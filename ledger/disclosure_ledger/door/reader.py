"""Asking the ledger, the same way whether this process has it open or another one does."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol, Self

from disclosure_ledger.answers.answer import Answer
from disclosure_ledger.answers.explaining import Explained, explained
from disclosure_ledger.answers.known_at import checked_known_at
from disclosure_ledger.answers.periods import Period
from disclosure_ledger.answers.to_whom import DEFAULT_RETENTION_MONTHS, retention_floor, to_whom
from disclosure_ledger.audit.facts import DeepFacts, DeepQuestion, Facts, FactsQuestion, Positions
from disclosure_ledger.audit.ledger_facts import read_deep_facts, read_facts, read_positions
from disclosure_ledger.audit.run import AuditLedger
from disclosure_ledger.door.operation import A, B, Occasion, Operation
from disclosure_ledger.published_registry import ReadRegistry, read_published
from disclosure_ledger.store.ledger import Clock, Ledger, utc_now
from disclosure_ledger.store.redecisions import known_text
from disclosure_ledger.store.rows import DecisionRow

STATS_SCHEMA = "disclosure-ledger/stats/1"
"""Version of the JSON form of `stats`."""


class LedgerReader(AuditLedger, Protocol):
    """Everything that can be asked of a ledger."""

    def to_whom(
        self,
        subject_keys: Sequence[uuid.UUID],
        period: Period,
        *,
        include_blocked: bool = False,
        known_at: datetime | None = None,
    ) -> Answer:
        """To whom was the data of one person, known under these keys, disclosed?

        `known_at`: what we would have said then. Raises InvalidKnownAtError.
        """
        ...

    def explain(self, event_id: uuid.UUID, known_at: datetime | None = None) -> Explained:
        """Why was one event decided as it was, and again? Raises InvalidKnownAtError."""
        ...

    def ask(self, operation: Operation[B, A], body: B) -> A:
        """Run one operation of the table."""
        ...

    def stats(self) -> Mapping[str, Any]:
        """How much the ledger holds and how far it has read, as JSON-able values."""
        ...

    def close(self) -> None:
        """Let go of the ledger."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class LocalReader:
    """Asks a ledger that this process has open; safe from several threads.

    `owns_ledger`: close the ledger with the reader. `retention_months`: how long records are kept, in
    calendar months; None where nothing is ever deleted. `registry`: reads the registry that answers go by.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        clock: Clock = utc_now,
        retention_months: int | None = DEFAULT_RETENTION_MONTHS,
        registry: ReadRegistry = read_published,
        owns_ledger: bool = False,
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._retention_months = retention_months
        self._registry = registry
        self._owns_ledger = owns_ledger

    def to_whom(
        self,
        subject_keys: Sequence[uuid.UUID],
        period: Period,
        *,
        include_blocked: bool = False,
        known_at: datetime | None = None,
    ) -> Answer:
        """Answer as of now, or as known at an earlier moment."""
        now = self._clock()
        with self._ledger.snapshot() as snapshot:
            checked_known_at(known_at, snapshot, now)
        return to_whom(
            self,
            subject_keys,
            period,
            now,
            include_blocked=include_blocked,
            retention_floor=self._floor(now),
            known_at=known_at,
        )

    def explain(self, event_id: uuid.UUID, known_at: datetime | None = None) -> Explained:
        """Tell the story of one decision."""
        return explained(self._ledger, event_id, self._clock(), known_at)

    def ask(self, operation: Operation[B, A], body: B) -> A:
        """Run an operation here and now."""
        now = self._clock()
        return operation.run(self._ledger, body, Occasion(now, self._floor(now), self._registry))

    def rows_of_subject(
        self, subject_keys: Sequence[uuid.UUID], known_at: datetime | None = None
    ) -> list[DecisionRow]:
        """All decisions about these keys, as known at a moment or now."""
        return self._ledger.rows_of_subject(subject_keys, known_at)

    def is_known(self, subject_keys: Sequence[uuid.UUID], known_at: datetime | None = None) -> bool:
        """Whether any preference or identity link that was known then names one of these keys."""
        params = {"subject_keys": [str(key) for key in subject_keys], "known_at": known_text(known_at)}
        return bool(self._ledger.fetch("subject_is_known", params)[0]["known"])

    def audit_positions(self) -> Positions:
        """How far the recorder is."""
        return read_positions(self._ledger)

    def audit_facts(self, question: FactsQuestion) -> Facts:
        """What the rows tell of the requests."""
        return read_facts(self._ledger, question)

    def audit_deep_facts(self, question: DeepQuestion) -> DeepFacts:
        """What takes a pass over every row."""
        return read_deep_facts(self._ledger, question)

    def stats(self) -> Mapping[str, Any]:
        """Figures of this moment; positions by topic and partition."""
        stats = self._ledger.stats()
        positions: dict[str, dict[str, int]] = {}
        for (topic, partition), offset in sorted(stats.next_offsets.items()):
            positions.setdefault(topic, {})[str(partition)] = offset
        figures = {
            key: value for key, value in asdict(stats).items() if key not in {"segments", "next_offsets"}
        }
        return {
            "schema": STATS_SCHEMA,
            "decisions": stats.decisions,
            **figures,
            "repeats": dict(stats.repeats),
            "segments": [
                {
                    "name": segment.name,
                    "period": segment.period,
                    "rows": segment.row_count,
                    "file_bytes": segment.file_bytes,
                    "sha256": segment.sha256,
                    "sealed_at": segment.sealed_at.isoformat(),
                }
                for segment in stats.segments
            ],
            "next_offsets": positions,
        }

    def close(self) -> None:
        """Close the ledger, if it is the reader's own."""
        if self._owns_ledger:
            self._ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _floor(self, now: datetime) -> datetime | None:
        purged = self._ledger.purged_before()
        if self._retention_months is None:
            return purged
        return retention_floor(now, self._retention_months, purged)
