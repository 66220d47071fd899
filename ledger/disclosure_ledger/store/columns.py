"""Arrow schemas of what is recorded; names and order are those of the tables (`sql/migrations`)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

UUID = pa.uuid()
_TIME = pa.timestamp("us")
_TEXT = pa.string()
_TEXTS = pa.list_(_TEXT)
_UUIDS = pa.list_(UUID)
_NUMBERS = pa.list_(pa.int64())

ITEM_DECISION = pa.struct([("item", pa.int32()), ("outcome", _TEXT), ("kind", _TEXT), ("reason", _TEXT)])
_SIGNALS = pa.struct([("gpc", _TEXTS), ("gpp", _TEXT), ("usp", _TEXT), ("dnt", _TEXT)])

# The columns of a decision by what makes them differ: each group is decoded once for each distinct value.
MOMENTS = pa.schema([("decided_at", _TIME), ("valid_until", _TIME)])
BASIS = pa.schema(
    [
        ("rule_version", _TEXT),
        ("registry_hash", pa.binary()),
        ("preference_state", _TEXT),
        ("preference_offsets", _NUMBERS),
        ("identity_offsets", _NUMBERS),
    ]
)
RULING = pa.schema(
    [
        ("outcome", _TEXT),
        ("kind", _TEXT),
        ("reason", _TEXT),
        ("flags", _TEXTS),
        ("item_decisions", pa.list_(ITEM_DECISION)),
        ("recipient_name", _TEXT),
        ("recipient_category", _TEXT),
        ("recipient_role", _TEXT),
        ("notice_id", _TEXT),
        ("contract_id", _TEXT),
    ]
)
REFERENCES = pa.schema(
    [
        ("collected_at", _TIME),
        ("decision_event_id", UUID),
        ("corrects_event_id", UUID),
        ("retracts_event_id", UUID),
        ("transaction_id", _TEXT),
        ("linked_subject_keys", _UUIDS),
    ]
)
DISCLOSURE = pa.schema(
    [
        ("mode", _TEXT),
        ("declared_kind", _TEXT),
        ("recipient_id", _TEXT),
        ("purpose", _TEXT),
        ("items", _TEXTS),
        ("pi_categories", _TEXTS),
        ("emitter", _TEXT),
        ("subject_type", _TEXT),
        ("disclosure", pa.binary()),
    ]
)
EVENT = pa.schema(
    [
        ("event_id", UUID),
        ("subject_key", UUID),
        ("producer_id", UUID),
        ("occurred_at", _TIME),
        ("emitted_at", _TIME),
        ("sequence", pa.int64()),
        ("request_partition", pa.int32()),
        ("request_offset", pa.int64()),
        ("preference_event_ids", _UUIDS),
        ("decided_partition", pa.int32()),
        ("decided_offset", pa.int64()),
    ]
)
PARTS = {"basis": BASIS, "ruling": RULING, "content": DISCLOSURE}
"""What repeats from decision to decision, by the table that has it once; a row has its number."""

DECISIONS = pa.unify_schemas(
    [
        EVENT,
        MOMENTS,
        REFERENCES,
        pa.schema([(name, pa.dictionary(pa.int32(), pa.struct(list(part)))) for name, part in PARTS.items()]),
    ]
)
"""A decision but for `recorded_at`, in the order the decoder makes it; each part is one column of structs."""

_COORDINATES = [("topic_partition", pa.int32()), ("topic_offset", pa.int64())]
_EMITTED = [
    ("event_id", UUID),
    ("subject_key", UUID),
    ("producer_id", UUID),
    ("occurred_at", _TIME),
    ("emitted_at", _TIME),
    ("sequence", pa.int64()),
]

PREFERENCES = pa.schema(
    [
        *_EMITTED,
        ("kind", _TEXT),
        ("subject_type", _TEXT),
        ("of", _TEXTS),
        ("purposes", _TEXTS),
        ("recipient_ids", _TEXTS),
        ("elements", _TEXTS),
        ("channel", _TEXT),
        ("global_option_offered", pa.bool_()),
        ("agent_permission", _TEXT),
        ("verified", pa.bool_()),
        ("processed_at", _TIME),
        ("expires_at", _TIME),
        ("method", _TEXT),
        ("prompted", pa.bool_()),
        ("informed_of_signal", pa.bool_()),
        ("documented", pa.bool_()),
        ("requestor_told", pa.bool_()),
        ("transaction_id", _TEXT),
        ("program", _TEXT),
        ("choice", _TEXT),
        ("action", _TEXT),
        ("signals", _SIGNALS),
        ("account_key", UUID),
        ("age_band", _TEXT),
        ("willful_disregard", pa.bool_()),
        ("region", _TEXT),
        ("drop_list", _TEXT),
        ("drop_id", _TEXT),
        ("all_exempt", pa.bool_()),
        *_COORDINATES,
    ]
)
IDENTITIES = pa.schema(
    [
        *_EMITTED,
        ("action", _TEXT),
        ("subject_type", _TEXT),
        ("other_subject_key", UUID),
        ("other_subject_type", _TEXT),
        ("cause", _TEXT),
        *_COORDINATES,
    ]
)
DEAD_LETTERS = pa.schema(
    [
        ("original_topic", _TEXT),
        ("original_partition", pa.int32()),
        ("original_offset", pa.int64()),
        ("cause", _TEXT),
        ("detail", _TEXT),
        ("consumer", _TEXT),
        ("failed_at", _TIME),
        ("producer_id", UUID),
        ("sequence", pa.int64()),
        *_COORDINATES,
    ]
)
BULKS = pa.schema(
    [
        ("event_id", UUID),
        ("bulk_id", UUID),
        ("producer_id", UUID),
        ("occurred_at", _TIME),
        ("emitted_at", _TIME),
        ("sequence", pa.int64()),
        ("rows", pa.int64()),
        ("keys_sha256", pa.binary()),
        ("emitter", _TEXT),
        ("recipient_id", _TEXT),
        ("kind", _TEXT),
        ("purpose", _TEXT),
        ("items", _TEXTS),
        ("disclosure", pa.binary()),
        *_COORDINATES,
    ]
)
UNREADABLE = pa.schema(
    [
        ("topic", _TEXT),
        *_COORDINATES,
        ("cause", _TEXT),
        ("detail", _TEXT),
        ("key", pa.binary()),
        ("value", pa.binary()),
    ]
)


def uuids(ids: Sequence[bytes]) -> pa.Array:
    """Arrow array of UUIDs from values of 16 bytes."""
    storage = pa.Array.from_buffers(pa.binary(16), len(ids), [None, pa.py_buffer(b"".join(ids))])
    return pa.ExtensionArray.from_storage(UUID, storage)


def uuid_lists(lists: Iterable[Sequence[bytes]]) -> pa.Array:
    """Arrow array of lists of UUIDs."""
    flat: list[bytes] = []
    ends = [0]
    for ids in lists:
        flat += ids
        ends.append(len(flat))
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), uuids(flat))


def no_decisions() -> pa.Table:
    """No rows of DECISIONS."""
    return pa.table([pa.chunked_array([], kind) for kind in DECISIONS.types], schema=DECISIONS)


def wide(decisions: pa.Table) -> pa.Table:
    """The same rows with every column of the parts as a column of its own."""
    made = {name: decisions[name] for name in decisions.column_names if name not in PARTS}
    for name, part in PARTS.items():
        chunks = [chunk.dictionary.take(chunk.indices) for chunk in decisions[name].chunks]
        for at, field in enumerate(part):
            made[field.name] = pa.chunked_array([chunk.field(at) for chunk in chunks], field.type)
    return pa.table(made)


def table_of(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """Arrow table of rows; UUIDs as 16 bytes, times aware. Raises pa.ArrowInvalid or OverflowError."""
    columns = []
    for name, kind in zip(schema.names, schema.types, strict=True):
        values = [row[name] for row in rows]
        columns.append(uuid_lists(values) if kind == _UUIDS else pa.array(values, kind))
    return pa.table(columns, schema=schema)
