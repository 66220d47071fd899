"""Rows of a large ledger by number: what a real gate decided, spread over two years and many subjects.

Contents are decisions that the gate made in memory of varied disclosures, decoded as the recorder does it;
ids, subjects, times and coordinates are made for whole batches at once. The same number is always the same
row.
"""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]

from disclosure_ledger.decoding import DecisionDecoder, Records
from disclosure_ledger.store import columns
from disclosure_ledger.store.batch import Batch
from disclosure_schemas.events.vocabulary import Kind, Mode, PreferenceKind, SubjectType
from disclosure_schemas.topics import DECIDED
from gate_events import DECIDED_CODEC, World, disclosure, preference, registry, request

U64 = np.uint64
Numbers = np.ndarray[Any, np.dtype[np.uint64]]

BATCH_ROWS = 122_880
"""As the recorder's default."""
PARTITIONS = 6
MONTHS = 24
END = datetime(2026, 11, 1, tzinfo=UTC)
BEGIN = datetime(2024, 11, 1, tzinfo=UTC)
ROWS_PER_SUBJECT = 15
SKEWED_ROWS, SKEWED_SUBJECTS = 5, 50
"""One row in 5 is about one subject in 50."""
GATE_BATCH = 1000
PRODUCERS = 40
CONTENTS = 800
PURPOSES = ("marketing", "provide_services", "research", "legal_and_security")
EMITTERS = ("crm", "web-shop", "claims", "call-centre", "newsletter", "mobile-app", "data-lake")
ELEMENTS = (
    "identifiers.email",
    "identifiers.phone",
    "identifiers.name",
    "identifiers",
    "customer_records",
    "commercial",
    "network_activity",
    "geolocation",
    "professional",
    "inferences",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How many rows, evenly over 24 months."""

    rows: int

    @property
    def subjects(self) -> int:
        """How many people they are about."""
        return max(1, self.rows // ROWS_PER_SUBJECT)

    @property
    def step_us(self) -> float:
        """Time between two rows, in microseconds."""
        return (END - BEGIN) / timedelta(microseconds=1) / self.rows


class LedgerRows:
    """Makes batch after batch of a plan; any batch can be made without those before it."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._contents = decided_contents()
        stopped = self._contents.column("preference_event_ids").to_pylist()
        self._stopped = np.array([bool(ids) for ids in stopped])

    def batches(self, done: int) -> Iterator[Batch]:
        """Batches behind the first `done` rows."""
        for first in range(done, self._plan.rows, BATCH_ROWS):
            yield self.batch(first, min(BATCH_ROWS, self._plan.rows - first))

    def batch(self, first: int, count: int) -> Batch:
        """Rows `first` and following, and the positions after them."""
        end = first + count
        positions = {
            (DECIDED.name, partition): (end - partition + PARTITIONS - 1) // PARTITIONS
            for partition in range(min(PARTITIONS, end))
        }
        table = self._table(np.arange(first, end, dtype=U64))
        return Batch(recorded_at=self._moment(end), next_offsets=positions, decisions=table)

    def _moment(self, number: int) -> datetime:
        return BEGIN + timedelta(microseconds=int(number * self._plan.step_us))

    def _table(self, numbers: Numbers) -> pa.Table:
        begin_us = int(BEGIN.timestamp()) * 1_000_000
        count = len(numbers)
        chance = mixed(numbers, 1)
        contents = (chance % U64(len(self._stopped))).astype(np.int64)
        decided_us = begin_us + (numbers.astype(np.float64) * self._plan.step_us).astype(np.int64)
        batches = numbers // U64(GATE_BATCH)
        batch_us = begin_us + (batches * GATE_BATCH * self._plan.step_us).astype(np.int64)
        emitted_us = batch_us - 1000 - (mixed(numbers, 2) % U64(400_000)).astype(np.int64)
        producers = mixed(numbers // U64(97), 3) % U64(PRODUCERS)
        made: dict[str, pa.Array] = {
            "event_id": event_ids(emitted_us, numbers),
            "subject_key": uuid_array(subject_bytes(subjects_of(numbers, self._plan.subjects))),
            "producer_id": uuid_array(random_bytes(producers, 5)),
            "occurred_at": times(emitted_us),
            "emitted_at": times(emitted_us + (mixed(numbers, 4) % U64(1000)).astype(np.int64)),
            "sequence": pa.array(numbers.astype(np.int64)),
            "request_partition": pa.array((numbers % U64(PARTITIONS)).astype(np.int32)),
            "request_offset": pa.array((numbers // U64(PARTITIONS)).astype(np.int64)),
            "decided_partition": pa.array((numbers % U64(PARTITIONS)).astype(np.int32)),
            "decided_offset": pa.array((numbers // U64(PARTITIONS)).astype(np.int64)),
            "preference_event_ids": self._preference_ids(contents, decided_us, numbers),
            "decided_at": times(batch_us),
            "valid_until": times(batch_us + 300_000_000),
            "basis": self._bases(batches),
        }
        rest = [name for name in columns.DECISIONS.names if name not in made]
        taken = self._contents.select(rest).take(pa.array(contents))
        arrays = [made[name] if name in made else taken.column(name) for name in columns.DECISIONS.names]
        table = pa.table(arrays, schema=columns.DECISIONS)
        assert table.num_rows == count
        return table

    def _bases(self, batches: Numbers) -> pa.DictionaryArray:
        """What each of these batches of the gate was decided by: positions grow from one to the next."""
        distinct = np.arange(batches[0], batches[-1] + U64(1), dtype=U64)
        first = self._contents["basis"].combine_chunks()
        one = first.dictionary.take(
            first.indices.slice(0, 1).take(pa.array(np.zeros(len(distinct), np.int64)))
        )
        fields = {field.name: one.field(at) for at, field in enumerate(columns.BASIS)}
        fields["preference_offsets"] = offset_lists(distinct, 3)
        fields["identity_offsets"] = offset_lists(distinct // U64(7), 3)
        structs = pa.StructArray.from_arrays(list(fields.values()), fields=list(columns.BASIS))
        return pa.DictionaryArray.from_arrays(pa.array((batches - batches[0]).astype(np.int32)), structs)

    def _preference_ids(self, contents: Any, decided_us: Any, numbers: Numbers) -> pa.Array:
        stopped = self._stopped[contents]
        ends = np.concatenate(([0], np.cumsum(stopped))).astype(np.int32)
        ids = event_ids(decided_us[stopped] - 86_400_000_000, numbers[stopped])
        return pa.ListArray.from_arrays(pa.array(ends), ids)


def mixed(numbers: Numbers, stream: int) -> Numbers:
    """Numbers that look random, the same for the same input (splitmix64)."""
    with np.errstate(over="ignore"):
        x = (numbers + U64(stream)) * U64(0x9E3779B97F4A7C15) + U64(stream) * U64(0xD1B54A32D192ED03)
        x = (x ^ (x >> U64(30))) * U64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> U64(27))) * U64(0x94D049BB133111EB)
        return np.asarray(x ^ (x >> U64(31)), dtype=U64)


def subjects_of(numbers: Numbers, subjects: int) -> Numbers:
    """Which subject each row is about."""
    chance = mixed(numbers, 6)
    few = U64(max(1, subjects // SKEWED_SUBJECTS))
    return np.where(numbers % U64(SKEWED_ROWS) == 0, chance % few, chance % U64(subjects))


def subject_bytes(subjects: Numbers) -> Any:
    """Keys of subjects, one row of 16 bytes each."""
    return random_bytes(subjects, 7)


def subject_key(subject: int) -> uuid.UUID:
    """Key of one subject."""
    return uuid.UUID(bytes=subject_bytes(np.array([subject], dtype=U64)).tobytes())


def random_bytes(numbers: Numbers, stream: int) -> Any:
    """16 bytes for each number."""
    halves = np.stack([mixed(numbers, stream), mixed(numbers, stream + 100)], axis=1)
    return halves.astype(">u8").view(np.uint8).reshape(-1, 16)


def event_ids(at_us: Any, numbers: Numbers) -> pa.Array:
    """Ids of version 7: milliseconds first, the rest by chance."""
    made = random_bytes(numbers, 8).copy()
    made[:, :6] = (at_us // 1000).astype(">u8").view(np.uint8).reshape(-1, 8)[:, 2:]
    made[:, 6] = made[:, 6] & 0x0F | 0x70
    made[:, 8] = made[:, 8] & 0x3F | 0x80
    return uuid_array(made)


def uuid_array(rows: Any) -> pa.Array:
    """Rows of 16 bytes as UUIDs."""
    buffer = pa.py_buffer(np.ascontiguousarray(rows).tobytes())
    storage = pa.Array.from_buffers(pa.binary(16), len(rows), [None, buffer])
    return pa.ExtensionArray.from_storage(columns.UUID, storage)


def times(at_us: Any) -> pa.Array:
    """Microseconds since 1970 as times."""
    return pa.array(at_us).cast(pa.timestamp("us"))


def offset_lists(numbers: Numbers, length: int) -> pa.Array:
    """Positions of `length` partitions that grow with the numbers."""
    flat = np.stack([numbers.astype(np.int64) * 3 + part for part in range(length)], axis=1).reshape(-1)
    ends = np.arange(0, len(flat) + 1, length, dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(flat))


def decided_contents() -> pa.Table:
    """Decisions of the gate about varied disclosures of subjects of whom one in eight opted out, as rows."""
    chance = random.Random(20261101)
    world = World(published=("neutral",))
    people = [uuid.UUID(int=number + 1) for number in range(64)]
    for person in people[::8]:
        world.prefer(preference(person, PreferenceKind.OPT_OUT))
    recipients = sorted(registry("neutral").recipients)
    for _ in range(CONTENTS):
        what = disclosure(
            mode=chance.choices((Mode.REQUEST, Mode.REPORT), (9, 1))[0],
            kind=chance.choices((Kind.SALE, Kind.SHARE, Kind.BUSINESS_PURPOSE), (3, 2, 5))[0],
            recipient_id=chance.choice(recipients),
            purpose=chance.choice(PURPOSES),
            items=tuple(chance.sample(ELEMENTS, chance.choice((1, 1, 2, 3, 5)))),
            emitter=chance.choice(EMITTERS),
            subject_type=chance.choice((SubjectType.ACCOUNT, SubjectType.DEVICE)),
        )
        world.ask(request(chance.choice(people), what))
    gate = world.gate(batch_events=CONTENTS)
    while gate.step():
        pass
    records = Records()
    for message in world.log.records("decisions"):
        records.append(message.partition(), message.offset(), message.key(), message.value())
    table, unreadable = DecisionDecoder(DECIDED_CODEC).decode(records)
    assert not unreadable
    assert table.num_rows == CONTENTS
    return table
