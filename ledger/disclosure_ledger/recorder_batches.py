"""Makes a batch for the ledger of what was received: pure, but for what the decoder remembers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

from disclosure_consumers.unread_lines import LINES_MAX, UnreadRecord
from disclosure_ledger.decoding import DecisionDecoder, Records, Unreadable
from disclosure_ledger.recorder_source import Received
from disclosure_ledger.store import columns
from disclosure_ledger.store.batch import Batch
from disclosure_schemas.codec import EventCodec, PartWriter
from disclosure_schemas.errors import UndecodableError
from disclosure_schemas.events.base import Value
from disclosure_schemas.events.bulk import BulkAnnounced
from disclosure_schemas.events.dead_letter import DeadLetter
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.framing import read_frame
from disclosure_schemas.layout import read_head
from disclosure_schemas.topics import BULKS, DEAD_LETTER, DECIDED, IDENTITIES, PREFERENCES

Row = dict[str, Any]

_BEGIN_WITH_EVENT_ID = frozenset((PREFERENCES.name, IDENTITIES.name))
_BULK_DISCLOSURE = PartWriter(BulkAnnounced.__name__, "disclosure", "disclosure")


@dataclass(frozen=True, slots=True)
class RecorderCodecs:
    """Codecs of the recorded topics."""

    decided: EventCodec[DisclosureDecided]
    preferences: EventCodec[PreferenceRecorded]
    identities: EventCodec[IdentityLinked]
    dead_letters: EventCodec[DeadLetter]
    bulks: EventCodec[BulkAnnounced]


class BatchMaker:
    """Turns received records into rows; a record that cannot be read becomes a row of `unreadable`."""

    def __init__(self, codecs: RecorderCodecs) -> None:
        self._codecs = codecs
        self._decisions = DecisionDecoder(codecs.decided)

    def batch(self, received: Received, recorded_at: datetime) -> Batch:
        """Return all that was received as rows, with the positions that follow."""
        unreadable: list[Row] = []

        def rows(
            topic: str, codec: EventCodec[Any], row: Callable[[Any], Row], schema: pa.Schema
        ) -> pa.Table:
            records = received.records.get(topic, Records())
            table, bad = _table(records, codec, row, schema)
            unreadable.extend(_unreadable_rows(topic, records, bad))
            return table

        decided = received.records.get(DECIDED.name, Records())
        decisions, bad = self._decisions.decode(decided)
        unreadable.extend(_unreadable_rows(DECIDED.name, decided, bad))
        return Batch(
            recorded_at=recorded_at,
            next_offsets=received.next_offsets,
            decisions=decisions,
            preferences=rows(PREFERENCES.name, self._codecs.preferences, _plain_row, columns.PREFERENCES),
            identities=rows(IDENTITIES.name, self._codecs.identities, _plain_row, columns.IDENTITIES),
            dead_letters=rows(
                DEAD_LETTER.name, self._codecs.dead_letters, _dead_letter_row, columns.DEAD_LETTERS
            ),
            bulks=rows(BULKS.name, self._codecs.bulks, _bulk_row, columns.BULKS),
            unreadable=columns.table_of(unreadable, columns.UNREADABLE),
        )


def _table(
    records: Records, codec: EventCodec[Any], row: Callable[[Any], Row], schema: pa.Schema
) -> tuple[pa.Table, list[Unreadable]]:
    rows: list[Row] = []
    unreadable: list[Unreadable] = []
    for index, value in enumerate(records.values):
        try:
            made = row(_decode(codec, value))
            made["topic_partition"] = records.partitions[index]
            made["topic_offset"] = records.offsets[index]
        except UndecodableError as error:
            unreadable.append(Unreadable(index, error.cause, str(error)))
        else:
            rows.append(made)
    return columns.table_of(rows, schema), unreadable


def _decode(codec: EventCodec[Any], value: bytes | None) -> Value:
    if value is None:
        raise UndecodableError(
            f"the record has no value; expected a {codec.record}. Nothing may delete records of this topic.",
            cause="malformed",
        )
    decoded: Value = codec.decode(value)
    return decoded


def _plain_row(event: PreferenceRecorded | IdentityLinked) -> Row:
    """Row of an event whose fields are its columns."""
    return event.model_dump()


def _dead_letter_row(event: DeadLetter) -> Row:
    return {
        "original_topic": event.topic,
        "original_partition": event.partition,
        "original_offset": event.offset,
        "cause": event.cause.value,
        "detail": event.detail,
        "consumer": event.consumer,
        "failed_at": event.failed_at,
        **_emitted(event.value),
    }


def _emitted(value: bytes | None) -> Row:
    """Which event of which producer these bytes were, where their beginning still says so."""
    try:
        head = None if value is None else read_head(value[read_frame(value).header_bytes :])
    except UndecodableError:
        head = None
    return {
        "producer_id": None if head is None else head.producer_id,
        "sequence": None if head is None else head.sequence,
    }


def _bulk_row(event: BulkAnnounced) -> Row:
    what = event.disclosure
    return event.model_dump(exclude={"disclosure"}) | {
        "emitter": what.emitter,
        "recipient_id": what.recipient_id,
        "kind": what.kind.value,
        "purpose": what.purpose,
        "items": [str(item) for item in what.items],
        "disclosure": _BULK_DISCLOSURE.write({"disclosure": what.model_dump()}),
    }


def _unreadable_rows(topic: str, records: Records, unreadable: list[Unreadable]) -> list[Row]:
    return [
        {
            "topic": topic,
            "topic_partition": records.partitions[entry.index],
            "topic_offset": records.offsets[entry.index],
            "cause": entry.cause,
            "detail": entry.detail,
            "key": records.keys[entry.index],
            "value": records.values[entry.index],
        }
        for entry in unreadable
    ]


def first_unreadable(batch: Batch) -> list[UnreadRecord]:
    """The first records of a batch that could not be read; values where they begin with an event id."""
    if batch.unreadable is None:
        return []
    return [
        UnreadRecord(
            row["topic"],
            row["topic_partition"],
            row["topic_offset"],
            row["value"] if row["topic"] in _BEGIN_WITH_EVENT_ID else None,
            row["cause"],
        )
        for row in batch.unreadable.slice(0, LINES_MAX).to_pylist()
    ]
