"""A ledger filled event by event, at the next free offsets."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from answer_rows import NOW, decisions_table
from disclosure_ledger.decoding import Records
from disclosure_ledger.recorder_batches import BatchMaker
from disclosure_ledger.recorder_source import Received
from disclosure_ledger.store.batch import Batch
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.rows import DecisionRow
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.topics import DECIDED, IDENTITIES, PREFERENCES
from recorder_samples import CODECS


def record_said(
    ledger: Ledger, events: Iterable[PreferenceRecorded | IdentityLinked], at: datetime = NOW
) -> None:
    """Record preferences and links, as the recorder would, in one batch."""
    offsets = ledger.next_offsets()
    records = {PREFERENCES.name: Records(), IDENTITIES.name: Records()}
    ends = {name: offsets.get((name, 0), 0) for name in records}
    for event in events:
        name = PREFERENCES.name if isinstance(event, PreferenceRecorded) else IDENTITIES.name
        codec = CODECS.preferences if isinstance(event, PreferenceRecorded) else CODECS.identities
        records[name].append(0, ends[name], event.subject_key.bytes, codec.encode(event))  # type: ignore[arg-type]
        ends[name] += 1
    received = Received(records, {(name, 0): end for name, end in ends.items()})
    ledger.record_batch(BatchMaker(CODECS).batch(received, at))


def record_rows(ledger: Ledger, rows: Iterable[DecisionRow], at: datetime = NOW) -> None:
    """Record decisions in one batch."""
    begin = ledger.next_offsets().get((DECIDED.name, 0), 0)
    placed = [
        replace(row, decided_partition=0, decided_offset=offset, request_offset=offset)
        for offset, row in enumerate(rows, start=begin)
    ]
    if placed:
        ends = {(DECIDED.name, 0): begin + len(placed)}
        ledger.record_batch(Batch(recorded_at=at, next_offsets=ends, decisions=decisions_table(placed)))
