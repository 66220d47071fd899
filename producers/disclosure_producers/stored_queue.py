"""The events on disk as one queue: those of this run and those that dead runs left, oldest run first."""

import logging
import uuid
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from disclosure_producers.errors import OutboxError
from disclosure_producers.in_flight import DeliverySink, InFlight, Place
from disclosure_producers.outbox import Outbox, OutboxFolder
from disclosure_schemas.event_ids import unix_ms_of
from disclosure_schemas.framing import read_frame

_LOG = logging.getLogger(__name__)

_OLDEST_EVERY_S = 1.0


class StoredQueue:
    """Adds events to this run's outbox, hands stored ones out in order, removes the delivered ones.

    Handing out moves a cursor; a row stays until its delivery is reported. For one thread, the counts
    aside. Raises OutboxError where the disk does not do its part.
    """

    def __init__(self, folder: Path, topic: str, run: str, max_bytes: int, sink: DeliverySink) -> None:
        self._files = OutboxFolder(folder, topic)
        self._own = self._files.create(run)
        self._sources: list[Outbox] = [self._own]
        self._cursors: dict[Outbox, int] = {self._own: 0}
        self._delivered: list[Place] = []
        self._max_bytes = max_bytes
        self._sink = sink
        self.damaged: list[str] = []
        self.oldest_ms: int | None = None
        self._look_at_oldest_s = 0.0

    @property
    def events(self) -> int:
        """Events that are stored and not known to be delivered."""
        return sum(source.events for source in self._sources) - len(self._delivered)

    @property
    def refused(self) -> int:
        """Stored events that the broker refused for good and that were set aside."""
        return sum(source.refused for source in self._sources)

    def has_room(self, size_bytes: int) -> bool:
        """Whether so many bytes more may be added."""
        return self._own.size_bytes + size_bytes <= self._max_bytes

    def adopt(self) -> None:
        """Take over what dead runs left."""
        adopted, damaged = self._files.adopt()
        for outbox in adopted:
            _LOG.info("%d events of an earlier run are in %s and will be sent", outbox.events, outbox.path)
            if outbox.refused:
                _LOG.error("%d refused events are set aside in %s", outbox.refused, outbox.path)
            self._cursors[outbox] = 0
        self._sources = [*self._sources[:-1], *adopted, self._own]
        for error in damaged:
            _LOG.error("%s", error)
            self.damaged.append(str(error))

    def add(self, events: Sequence[InFlight]) -> None:
        """Store accepted events; when this returns they are on disk and their receipts say so."""
        values = [(event.key, event.value or b"") for event in events]
        first = self._own.add(values)
        for row, (event, (_, value)) in enumerate(zip(events, values, strict=True), first):
            event.is_stored_at(Place(self._own, row, len(value)))

    def add_handed_over(self, events: Sequence[InFlight]) -> None:
        """Store events that the Kafka client already has, so that they outlive the process."""
        self.add(events)
        self._cursors[self._own] = self._own.last_row

    def look_at_oldest(self, now_s: float) -> None:
        """Note when the oldest stored event was made; its id says so. Once a second is enough."""
        if not self.events or now_s < self._look_at_oldest_s:
            return
        self._look_at_oldest_s = now_s + _OLDEST_EVERY_S
        oldest = next((event for source in self._sources for event in source.after(0, 1)), None)
        if oldest is not None:
            start = read_frame(oldest.value).header_bytes
            self.oldest_ms = unix_ms_of(uuid.UUID(bytes=oldest.value[start : start + 16]))

    def is_handed_out(self) -> bool:
        """Whether no stored event waits to be handed to the Kafka client."""
        return all(not source.events or self._cursors[source] >= source.last_row for source in self._sources)

    def next_events(self, limit: int) -> list[InFlight]:
        """The oldest stored events that were not handed out."""
        for source in self._sources:
            if not source.events or self._cursors[source] >= source.last_row:
                continue
            found = source.after(self._cursors[source], limit)
            if found:
                return [
                    InFlight.from_outbox(Place(source, row, len(value)), key, value, self._sink)
                    for row, key, value in found
                ]
            self._cursors[source] = source.last_row
        return []

    def handed_out(self, place: Place) -> None:
        """The Kafka client has the event of this place now."""
        self._cursors[place.outbox] = place.row

    def rewind(self) -> None:
        """Hand everything out anew that is not known to be delivered."""
        for source in self._sources:
            self._cursors[source] = 0

    def delivered(self, place: Place) -> None:
        """The broker has the event of this place; `remove_delivered` takes it off the disk."""
        self._delivered.append(place)

    def remove_delivered(self) -> None:
        """Take delivered events off the disk, and with them the files of dead runs that are empty."""
        by_outbox: dict[Outbox, list[Place]] = defaultdict(list)
        for place in self._delivered:
            by_outbox[place.outbox].append(place)
        for outbox, places in by_outbox.items():
            outbox.remove((place.row, place.size_bytes) for place in places)
        self._delivered = []
        for source in self._sources[:-1]:
            if source.events == 0:
                self._sources.remove(source)
                del self._cursors[source]
                source.close()

    def set_aside(self, place: Place, reason: str) -> None:
        """Keep a stored event that the broker refuses, out of the way and with the reason."""
        place.outbox.set_aside(place.row, place.size_bytes, reason)
        _LOG.error(
            "a stored event was refused and is in the table `refused` of %s: %s", place.outbox.path, reason
        )

    def close(self) -> None:
        """Close all files; empty ones go."""
        try:
            self.remove_delivered()
        except OutboxError as error:
            _LOG.warning("delivered events stay in the outbox and will be sent again: %s", error)
        for source in self._sources:
            source.close()
