"""Turns a batch of DisclosureDecided into rows without decoding each of them.

A decision consists of parts, one after the other, and Avro writes nothing between them:

    head | request_partition | request_offset | preference_event_ids | ruling | request

`head` is the same for a batch of the gate, `ruling` and the request's nested `disclosure` have few distinct
values. The codec decodes a part the first time; after that its bytes are recognised. This is exact, not a
guess: an Avro decoder reads from left to right, so bytes that begin with a known part decode to that part and
go on behind it, and every byte of a message is part of a recognised piece. All else, such as another schema
version or damaged bytes, goes to the codec, which takes it or says what is wrong.
"""

from dataclasses import dataclass, field

import pyarrow as pa  # type: ignore[import-untyped]

from disclosure_ledger.decoding_columns import DecisionColumns
from disclosure_ledger.decoding_parts import DecisionParts
from disclosure_ledger.decoding_references import (
    UnusualBytesError,
    is_version_7,
    read_event_ids,
    read_references,
    read_varint,
)
from disclosure_schemas.codec import MAX_EVENT_BYTES, EventCodec
from disclosure_schemas.errors import UndecodableError
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.framing import read_frame
from disclosure_schemas.layout import SEQUENCE_START, disclosure_start

_FIXED_BYTES = SEQUENCE_START
"""What every request begins with: three UUIDs and two times."""

_HEAD_KEY_BYTES = 26
"""Framing and two times: nearly always different for different heads; the comparison follows."""

_INT_MAX = 2**31 - 1
_NO_IDS: list[bytes] = []


@dataclass(frozen=True, slots=True)
class Records:
    """Records of one topic as parallel lists, in the order they were read."""

    partitions: list[int] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    keys: list[bytes | None] = field(default_factory=list)
    values: list[bytes | None] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.offsets)

    def append(self, partition: int, offset: int, key: bytes | None, value: bytes | None) -> None:
        """Add one record."""
        self.partitions.append(partition)
        self.offsets.append(offset)
        self.keys.append(key)
        self.values.append(value)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that could not be decoded: its index in the records, the cause, what to do."""

    index: int
    cause: str
    detail: str


class DecisionDecoder:
    """Decodes batches of decisions; keeps what it learned from one batch to the next."""

    def __init__(self, codec: EventCodec[DisclosureDecided]) -> None:
        self._codec = codec
        self._parts = DecisionParts()
        # Heads by how their frames begin: a dictionary finds the one to compare with.
        self._heads: dict[bytes, tuple[bytes, int]] = {}
        self._newest: dict[bytes, bool] = {}

    def decode(self, records: Records) -> tuple[pa.Table, list[Unreadable]]:
        """Return rows with the columns `store.columns.DECISIONS`, and the records that are none."""
        if self._parts.forget_if_large():
            self._heads.clear()
        columns = DecisionColumns(self._parts)
        unreadable = []
        for index, (key, value) in enumerate(zip(records.keys, records.values, strict=True)):
            if key is None or value is None or not self._recognise(key, value, columns):
                try:
                    self._learn(value, columns)
                except UndecodableError as error:
                    unreadable.append(Unreadable(index, error.cause, str(error)))
        bad = {entry.index for entry in unreadable}
        good = [index for index in range(len(records)) if index not in bad] if bad else range(len(records))
        columns.decided_partitions += [records.partitions[index] for index in good]
        columns.decided_offsets += [records.offsets[index] for index in good]
        return columns.table(), unreadable

    def _learn(self, value: bytes | None, columns: DecisionColumns) -> None:
        """Let the codec read the value, add the row, remember its parts; raises UndecodableError."""
        if value is None:
            raise UndecodableError(
                "the record has no value; expected a DisclosureDecided. Only the gate may write this topic.",
                cause="malformed",
            )
        head = columns.add_event(self._codec.decode(value))
        header = self._newest_header(value)
        if header and value.startswith(header + head):
            self._heads[value[:_HEAD_KEY_BYTES]] = (header + head, columns.rows[-1][0])

    def _recognise(self, key: bytes, value: bytes, columns: DecisionColumns) -> bool:
        """Add the row of a value all of whose bytes belong to known parts; False leaves it to the codec."""
        found = self._heads.get(value[:_HEAD_KEY_BYTES])
        if found is None or not value.startswith(found[0]) or len(value) > MAX_EVENT_BYTES:
            return False
        key_at = value.find(key, len(found[0]))
        if key_at < 0 or len(key) != 16:
            return False
        body = value[key_at - 16 :]
        try:
            request_partition, at = read_varint(value, len(found[0]))
            request_offset, at = read_varint(value, at)
            if value[at]:
                preference_ids, at = read_event_ids(value, at)
            else:
                preference_ids, at = _NO_IDS, at + 1
            sequence, _ = read_varint(body, SEQUENCE_START)
            start, references = disclosure_start(body), None
            if not start:
                references, start = read_references(body)
        except (UnusualBytesError, IndexError):
            return False
        ruling = self._parts.rulings.index_of.get(value[at : key_at - 16])
        disclosure = self._parts.disclosures.index_of.get(body[start:])
        if ruling is None or disclosure is None:
            return False
        # What the event values demand of ids and numbers holds here too.
        if (
            not is_version_7(body)
            or min(request_partition, request_offset, sequence) < 0
            or request_partition > _INT_MAX
        ):
            return False
        fixed = body[:_FIXED_BYTES]
        columns.rows.append(
            (found[1], ruling, disclosure, fixed, sequence, request_partition, request_offset, preference_ids)
        )
        if references is not None:
            columns.references[len(columns.rows) - 1] = references
        return True

    def _newest_header(self, value: bytes) -> bytes:
        """Return the header of a value that the newest schema wrote, else nothing."""
        header = value[: read_frame(value).header_bytes]
        if header not in self._newest:
            self._newest[header] = self._codec.is_newest(header)
        return header if self._newest[header] else b""
