"""Collects decisions column by column and makes an Arrow table of them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from disclosure_ledger.decoding_parts import NO_REFERENCES_ROW, DecisionParts, references_row
from disclosure_ledger.store import columns
from disclosure_schemas.events.decision import DisclosureDecided

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NO_TIMES = bytes(16)

# Indexes of head, ruling and disclosure; three UUIDs and two times in 8 bytes each, as a request begins;
# sequence, request_partition, request_offset; preference_event_ids.
Row = tuple[int, int, int, bytes, int, int, int, list[bytes]]


class DecisionColumns:
    """Columns of one batch, in the order of its records."""

    def __init__(self, parts: DecisionParts) -> None:
        self._parts = parts
        self.rows: list[Row] = []
        self.decided_partitions: list[int] = []
        self.decided_offsets: list[int] = []
        # By row, for those that differ from the usual.
        self.references: dict[int, Mapping[str, Any]] = {}
        self._times: dict[int, tuple[int, int]] = {}

    def add_event(self, event: DisclosureDecided) -> bytes:
        """Add a decision the codec has read; returns the bytes of its head."""
        request = event.request
        head_bytes, head, ruling, disclosure = self._parts.learn(event)
        ids = (request.event_id, request.subject_key, request.producer_id)
        fixed = b"".join(each.bytes for each in ids) + _NO_TIMES
        row = len(self.rows)
        self._times[row] = (_micros(request.occurred_at), _micros(request.emitted_at))
        coordinates = (event.request_partition, event.request_offset)
        preference_ids = [event_id.bytes for event_id in event.preference_event_ids]
        self.rows.append((head, ruling, disclosure, fixed, request.sequence, *coordinates, preference_ids))
        references = references_row(request)
        if references != NO_REFERENCES_ROW:
            self.references[row] = references
        return head_bytes

    def table(self) -> pa.Table:
        """Rows with the columns `store.columns.DECISIONS`."""
        if not self.rows:
            return columns.no_decisions()
        heads, rulings, disclosures, fixed, sequences, partitions, offsets, preference_ids = zip(
            *self.rows, strict=True
        )
        event = [
            columns.uuids([data[0:16] for data in fixed]),
            columns.uuids([data[16:32] for data in fixed]),
            columns.uuids([data[32:48] for data in fixed]),
            self._moments([data[48:56] for data in fixed], 0),
            self._moments([data[56:64] for data in fixed], 1),
            pa.array(sequences, pa.int64()),
            pa.array(partitions, pa.int32()),
            pa.array(offsets, pa.int64()),
            columns.uuid_lists(preference_ids),
            pa.array(self.decided_partitions, pa.int32()),
            pa.array(self.decided_offsets, pa.int64()),
        ]
        head = self._parts.heads.take(heads).combine_chunks()
        parts = [
            self._parts.bases.refer(head["basis"].combine_chunks()),
            self._parts.rulings.refer(pa.array(rulings, pa.int32())),
            self._parts.disclosures.refer(pa.array(disclosures, pa.int32())),
        ]
        moments = head.select(columns.MOMENTS.names).columns
        arrays = [*event, *moments, *self._references_table().columns, *parts]
        return pa.table(arrays, schema=columns.DECISIONS)

    def _references_table(self) -> pa.Table:
        distinct = columns.table_of([NO_REFERENCES_ROW, *self.references.values()], columns.REFERENCES)
        at = [0] * len(self.rows)
        for index, row in enumerate(self.references, start=1):
            at[row] = index
        return distinct.take(pa.array(at, pa.int64()))

    def _moments(self, varints: list[bytes], which: int) -> pa.Array:
        numbers = read_varints(varints)
        if self._times:
            known = numbers.to_pylist()
            for row, times in self._times.items():
                known[row] = times[which]
            numbers = pa.array(known, pa.int64())
        return numbers.cast(pa.timestamp("us"))


def read_varints(varints: list[bytes]) -> pa.Array:
    """Values of zigzag varints of exactly 8 bytes, as int64; all at once, for each alone would be slow."""
    raw = pa.Array.from_buffers(pa.int64(), len(varints), [None, pa.py_buffer(b"".join(varints))])
    total = pc.bit_wise_and(raw, 0x7F)
    for place in range(1, 8):
        seven = pc.bit_wise_and(pc.shift_right(raw, 8 * place), 0x7F)
        total = pc.bit_wise_or(total, pc.shift_left(seven, 7 * place))
    sign = pc.negate(pc.bit_wise_and(total, 1))
    return pc.bit_wise_xor(pc.shift_right(total, 1), sign)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
