"""The preference state of one gate: both control topics, and the read barrier G1.

Both are read whole, or, where a store keeps the state of an earlier time, on from there. Taking in a record
again makes no difference, so the kept state may have more in it than its marks say, never less.

The barrier: after a batch was taken and before it is decided, ask the broker for the end offsets of the
control topics and read up to them. Whatever was acknowledged before the batch was taken is then part of the
state.
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import structlog

from disclosure_consumers.core.subject.facts import unread
from disclosure_consumers.core.subject.subjects import Subjects
from disclosure_consumers.gate_meter import GateMeter
from disclosure_consumers.ports import (
    ControlLog,
    Mark,
    Message,
    Partition,
    StateStore,
    StateUnreadableError,
    TopicChangedError,
)
from disclosure_consumers.unread_lines import UnreadRecord
from disclosure_consumers.wall_clock import wall_clock_us
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.errors import UndecodableError
from disclosure_schemas.event_ids import event_id_bytes
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import PreferenceState

_log = structlog.get_logger(__name__)

_START_ATTEMPTS, _START_WAIT_S = 100, 0.2
_IDLE_LOOK_S = 5.0


@dataclass(frozen=True, slots=True)
class StateSeen:
    """Freshness and position of the state a batch was decided with (G5)."""

    freshness: PreferenceState
    preference_offsets: tuple[int, ...]
    identity_offsets: tuple[int, ...]

    @property
    def is_current(self) -> bool:
        """Whether everything acknowledged before the batch was taken is part of the state."""
        return self.freshness is PreferenceState.CURRENT


class ControlTables:
    """Keeps `subjects` up to date with the control topics."""

    def __init__(
        self,
        log: ControlLog,
        *,
        preferences_topic: str,
        identities_topic: str,
        preferences: EventCodec[PreferenceRecorded],
        identities: EventCodec[IdentityLinked],
        subjects: Subjects | None = None,
        store: StateStore | None = None,
        meter: GateMeter | None = None,
        clock_s: Callable[[], float] = time.monotonic,
        clock_us: Callable[[], int] = wall_clock_us,
        applying: AbstractContextManager[Any] | None = None,
    ) -> None:
        """`applying` guards each change of `subjects`, where other threads look at them."""
        self.subjects = Subjects() if subjects is None else subjects
        self.unread_records = 0
        self._store = store
        self._log = log
        self._topics = (preferences_topic, identities_topic)
        self._preferences = preferences
        self._identities = identities
        self._clock_s = clock_s
        self._clock_us = clock_us
        self._meter = meter or GateMeter()
        self._is_restored = False
        self._complete_at_s = clock_s()
        self._applying = nullcontext() if applying is None else applying

    @property
    def age_s(self) -> float:
        """Seconds since the state was last known to be complete."""
        return max(0.0, self._clock_s() - self._complete_at_s)

    def barrier(self, timeout_s: float) -> StateSeen:
        """Read up to the end offsets of this moment; past the timeout the state is stale (G4)."""
        began_s = self._clock_s()
        seen = self._barrier(timeout_s)
        self._meter.waited_at_barrier(self._clock_s() - began_s, seen.freshness)
        return seen

    def idle(self) -> None:
        """Take in what has arrived; see every few seconds whether it is all. For when nothing is asked."""
        self.catch_up(0.0)
        if self.age_s < _IDLE_LOOK_S:
            return
        try:
            if self._has_reached(self._log.end_offsets()):
                self._complete_at_s = self._clock_s()
        except StateUnreadableError:
            return  # the age says so; a batch would fail closed

    def _barrier(self, timeout_s: float) -> StateSeen:
        try:
            targets = self._log.end_offsets()
        except StateUnreadableError as error:
            _log.warning("preference state unavailable, failing closed", cause=str(error))
            return self._seen(PreferenceState.UNAVAILABLE)
        deadline_s = self._clock_s() + timeout_s
        wait_s = 0.0  # what has been fetched already is taken in first, whatever the timeout
        while not self._has_reached(targets):
            self.catch_up(wait_s)
            wait_s = min(deadline_s - self._clock_s(), 0.1)
            if wait_s <= 0 and not self._has_reached(targets):
                _log.warning("preference state stale, failing closed", behind=self.behind(targets))
                return self._seen(PreferenceState.STALE)
        self._complete_at_s = self._clock_s()
        return self._seen(PreferenceState.CURRENT)

    def catch_up(self, wait_s: float) -> int:
        """Take in what has arrived; returns the number of records."""
        messages = self._log.read(wait_s)
        for message in messages:
            with self._applying:
                self._apply(message)
        if self._store is not None and messages:
            self._store.took(messages)
        if self._is_restored:
            self._meter.took_control(messages, self._clock_us())
        return len(messages)

    def keep(self) -> None:
        """Do a piece of keeping the state, if any is due; for between batches."""
        if self._store is not None:
            self._store.keep()

    def restore(self, should_stop: Callable[[], bool] = lambda: False) -> int:
        """Read both topics up to their present end, unless told to stop; returns the number of records.

        Begins where the store's state ends. If the topics are others than those it was taken from, it is
        thrown away and they are read whole.
        """
        began_s = self._clock_s()
        records = self._restore(should_stop)
        self._is_restored = True
        self._complete_at_s = self._clock_s()
        self._meter.restored(self._complete_at_s - began_s)
        return records

    def _restore(self, should_stop: Callable[[], bool]) -> int:
        targets = self._ends_at_start(should_stop)
        marks = {} if self._store is None else self._store.marks()
        try:
            _require_marks(marks, targets)
            self._log.begin(marks)
            return self._read_up_to(targets, should_stop)
        except TopicChangedError as error:
            _log.warning("kept preference state thrown away, reading the topics whole", cause=str(error))
        assert self._store is not None, "without a store there are no marks"
        self._store.clear()
        self.subjects.standings.clear()
        self._log.begin({})
        return self._read_up_to(targets, should_stop)

    def _ends_at_start(self, should_stop: Callable[[], bool]) -> Mapping[Partition, int]:
        """End offsets; topics that were just made have no leader for a moment, so this one is patient."""
        for _ in range(_START_ATTEMPTS):
            try:
                return self._log.end_offsets()
            except StateUnreadableError:
                if should_stop():
                    break
                time.sleep(_START_WAIT_S)
        return self._log.end_offsets()

    def _read_up_to(self, targets: Mapping[Partition, int], should_stop: Callable[[], bool]) -> int:
        done = 0
        while not (self._has_reached(targets) or should_stop()):
            done += self.catch_up(0.5)
        return done

    def behind(self, targets: Mapping[Partition, int]) -> int:
        """Offsets between the state and these end offsets."""
        positions = self._log.positions()
        return sum(max(0, end - positions.get(key, 0)) for key, end in targets.items())

    def close(self) -> None:
        """Keep the state and give back connections."""
        if self._store is not None:
            self._store.close()
        self._log.close()

    def _has_reached(self, targets: Mapping[Partition, int]) -> bool:
        positions = self._log.positions()
        return all(positions.get(key, 0) >= end for key, end in targets.items())

    def _seen(self, freshness: PreferenceState) -> StateSeen:
        positions = self._log.positions()
        offsets = [
            tuple(positions[key] for key in sorted(positions) if key[0] == topic) for topic in self._topics
        ]
        return StateSeen(freshness, offsets[0], offsets[1])

    def _apply(self, message: Message) -> None:
        value = message.value() or b""
        try:
            if message.topic() == self._topics[0]:
                self.subjects.apply_preference(self._preferences.decode(value))
            else:
                self.subjects.apply_link(self._identities.decode(value))
        except UndecodableError as error:
            self._fail_closed(message, error)

    def _fail_closed(self, message: Message, error: UndecodableError) -> None:
        """Not knowing is not consent: the subject of an unreadable control record is protected (G4)."""
        self.unread_records += 1
        self._meter.could_not_read_control()
        record = UnreadRecord(
            message.topic(), message.partition(), message.offset(), message.value(), error.cause
        )
        _log.error("control record cannot be read", **record.line())
        if error.cause == "unknown_schema" and self._store is not None:
            self._store.keep_no_more()  # the next start may know the schema, and must read the record again
        key = message.key()
        if key is not None and len(key) == 16:
            at_ms = max(0, message.timestamp()[1])
            # The record has no readable id: one is made of where it is, the same in every gate.
            event_id = event_id_bytes(at_ms, hashlib.sha256(record.where.encode()).digest()[:10])
            self.subjects.apply_unread(key, unread(at_ms * 1000, event_id))


def _require_marks(marks: Mapping[Partition, Mark], targets: Mapping[Partition, int]) -> None:
    """Raise TopicChangedError where a topic ends before what is known of it."""
    for where, mark in marks.items():
        if targets.get(where, 0) <= mark.offset:
            raise TopicChangedError(
                f"{where[0]}/{where[1]} ends at {targets.get(where, 0)}, expected a record at {mark.offset}"
            )
