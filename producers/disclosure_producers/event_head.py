"""The six fields every event begins with, packed without a general encoder.

    event_id 16 | subject_key 16 | producer_id 16 | occurred_at | emitted_at | sequence | the rest

Times are microseconds and, like the sequence, Avro longs: zigzag varints. A property test holds these bytes
to the ones fastavro writes. Only the low bits of time and sequence differ from one event to the next, so
the encoding of the high bits is kept.
"""

from disclosure_schemas.event_ids import event_id_source
from disclosure_schemas.layout import zigzag_varint

# Two bytes for each value of 14 bits, both with the continuation bit: the low end of a longer varint.
_LOW_14 = tuple(bytes((low & 0x7F | 0x80, low >> 7 | 0x80)) for low in range(1 << 14))


class _GrowingVarint:
    """Encodes zigzag varints of numbers that mostly grow by little."""

    __slots__ = ("_high", "_high_bytes")

    def __init__(self) -> None:
        self._high = -1
        self._high_bytes = b""

    def encode(self, number: int) -> bytes:
        """Avro's encoding of a long."""
        doubled = number << 1
        high = doubled >> 14
        if high <= 0:  # small or negative: no bits above the lowest two bytes to keep
            return zigzag_varint(number)
        if high != self._high:
            # A varint of the high bits alone; zigzag_varint doubles its argument, so odd ones need a bit set.
            self._high, self._high_bytes = high, _varint(high)
        return _LOW_14[doubled & 0x3FFF] + self._high_bytes


def _varint(number: int) -> bytes:
    """A varint without zigzag of a number that is not negative."""
    low = zigzag_varint(number >> 1)
    return bytes((low[0] | number & 1,)) + low[1:]


class EventHead:
    """Makes the bytes of events of one producer run: header, the six common fields, the rest as given.

    For one thread at a time.
    """

    __slots__ = ("_emitted", "_header", "_new_event_id", "_occurred", "_producer_id", "_sequence")

    def __init__(self, header: bytes, producer_id: bytes) -> None:
        self._header = header
        self._producer_id = producer_id
        self._new_event_id = event_id_source()
        self._emitted = _GrowingVarint()
        self._occurred = _GrowingVarint()
        self._sequence = _GrowingVarint()

    def new_event_id(self, emitted_us: int) -> bytes:
        """The 16 bytes of a new event id of a moment in microseconds since 1970."""
        return self._new_event_id(emitted_us // 1000)

    def event(  # noqa: PLR0917 - keywords cost time here
        self,
        event_id: bytes,
        subject_key: bytes,
        occurred_us: int | None,
        emitted_us: int,
        sequence: int,
        rest: bytes,
    ) -> bytes:
        """One event as it goes to the broker; without `occurred_us` it happened when it was emitted."""
        emitted = self._emitted.encode(emitted_us)
        return b"".join(
            (
                self._header,
                event_id,
                subject_key,
                self._producer_id,
                emitted if occurred_us is None else self._occurred.encode(occurred_us),
                emitted,
                self._sequence.encode(sequence),
                rest,
            )
        )
