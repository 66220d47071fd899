"""The parts of a decision that repeat, by their bytes: what each of them says, once."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

from disclosure_ledger.store import columns
from disclosure_ledger.store.rows import disclosure_columns
from disclosure_schemas.codec import PartWriter
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.disclosure import Disclosure, DisclosureRequested

Row = dict[str, Any]

PARTS_MAX = 50_000
"""Most distinct values of one part that are kept; more are forgotten and learned anew."""


Key = bytes | str


class Part:
    """Distinct values of one part: index by what tells them apart, an Arrow table the indexes point into."""

    def __init__(self, schema: pa.Schema) -> None:
        self.index_of: dict[Key, int] = {}
        self._schema = schema
        self._rows: list[Row] = []
        self._table = schema.empty_table()

    def __len__(self) -> int:
        return len(self.index_of)

    def learn(self, key: Key, row: Row) -> int:
        """Return the index of this key; a new one stands for this row."""
        known = self.index_of.get(key)
        if known is not None:
            return known
        self._rows.append(row)
        index = self.index_of[key] = len(self.index_of)
        return index

    def take(self, indexes: Sequence[int]) -> pa.Table:
        """Rows of these indexes, in this order."""
        return self._all().take(pa.array(indexes, pa.int64()))

    def refer(self, indexes: pa.Array) -> pa.DictionaryArray:
        """Rows of these indexes (int32) as structs, without repeating what they say."""
        return pa.DictionaryArray.from_arrays(indexes, self._all().to_struct_array().combine_chunks())

    def _all(self) -> pa.Table:
        if self._rows:
            self._table = pa.concat_tables([self._table, columns.table_of(self._rows, self._schema)])
            self._table = self._table.combine_chunks()
            self._rows = []
        return self._table

    def forget(self) -> None:
        """Start anew."""
        self.index_of.clear()
        self._rows = []
        self._table = self._schema.empty_table()


_HEAD = columns.MOMENTS.append(pa.field("basis", pa.int32()))


class DecisionParts:
    """What was learned of heads, rulings and disclosures; a head is two moments and a basis."""

    def __init__(self) -> None:
        self.heads = Part(_HEAD)
        self.bases = Part(columns.BASIS)
        self.rulings = Part(columns.RULING)
        self.disclosures = Part(columns.DISCLOSURE)
        self._write_head = PartWriter("DisclosureDecided", "decided_at", "identity_offsets").write
        self._write_ruling = PartWriter("DisclosureDecided", "outcome", "contract_id").write
        self._write_disclosure = PartWriter("DisclosureRequested", "disclosure", "disclosure").write

    def learn(self, event: DisclosureDecided) -> tuple[bytes, int, int, int]:
        """Learn the parts of a decision the codec has read: bytes of the head, then the index of each part.

        The bytes are those the packaged schema gives: they decode to the same values wherever they are met.
        """
        datum = event.model_dump()
        disclosure = self._write_disclosure({"disclosure": datum["request"]["disclosure"]})
        head_bytes = self._write_head(datum)
        return (
            head_bytes,
            self.heads.learn(head_bytes, self._head_row(event)),
            self.rulings.learn(self._write_ruling(datum), ruling_row(event)),
            self.disclosures.learn(disclosure, disclosure_row(event.request.disclosure, disclosure)),
        )

    def forget_if_large(self) -> bool:
        """Keep memory bounded: forget everything if there is much of it. To be called between batches."""
        parts = (self.heads, self.bases, self.rulings, self.disclosures)
        if max(len(part) for part in parts) <= PARTS_MAX:
            return False
        for part in parts:
            part.forget()
        return True

    def _head_row(self, event: DisclosureDecided) -> Row:
        basis = basis_row(event)
        index = self.bases.learn(repr(basis), basis)
        return {"decided_at": event.decided_at, "valid_until": event.valid_until, "basis": index}


def basis_row(event: DisclosureDecided) -> Row:
    """What the gate decided by."""
    return {
        "rule_version": event.rule_version,
        "registry_hash": event.registry_hash,
        "preference_state": event.preference_state.value,
        "preference_offsets": event.preference_offsets,
        "identity_offsets": event.identity_offsets,
    }


def ruling_row(event: DisclosureDecided) -> Row:
    """What the gate answered."""
    return {
        "outcome": event.outcome.value,
        "kind": event.kind.value,
        "reason": event.reason,
        "flags": event.flags,
        "item_decisions": [
            {"item": it.item, "outcome": it.outcome.value, "kind": it.kind.value, "reason": it.reason}
            for it in event.items
        ],
        "recipient_name": event.recipient_name,
        "recipient_category": event.recipient_category,
        "recipient_role": event.recipient_role.value,
        "notice_id": event.notice_id,
        "contract_id": event.contract_id,
    }


def disclosure_row(disclosure: Disclosure, data: bytes) -> Row:
    """What was disclosed, to whom, why; `data`: all of it as Avro."""
    return {**disclosure_columns(disclosure), "disclosure": data}


NO_REFERENCES_ROW: Mapping[str, Any] = {
    "collected_at": None,
    "decision_event_id": None,
    "corrects_event_id": None,
    "retracts_event_id": None,
    "transaction_id": None,
    "linked_subject_keys": (),
}


def references_row(request: DisclosureRequested) -> Mapping[str, Any]:
    """References of a request to other events and keys."""
    ids = {
        name: getattr(request, name).bytes if getattr(request, name) else None
        for name in ("decision_event_id", "corrects_event_id", "retracts_event_id")
    }
    return {
        **ids,
        "collected_at": request.collected_at,
        "transaction_id": request.transaction_id,
        "linked_subject_keys": [key.bytes for key in request.linked_subject_keys],
    }
