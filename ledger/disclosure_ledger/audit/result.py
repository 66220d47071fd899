"""The audit's result: the equation of G3 with its numbers, and every coordinate that breaks it."""

from collections.abc import Mapping
from typing import Any

from disclosure_ledger.audit.facts import BulkFacts, Twice
from disclosure_ledger.audit.spans import PartitionSpans, Spans, count_all
from disclosure_schemas.events.base import Value

AUDIT_SCHEMA = "disclosure-ledger/audit/1"
"""Version of the JSON form; a key that is renamed or removed raises the number."""

_RUNS_SHOWN = 20


class Beyond(Value):
    """A partition of which the ledger knows requests that the broker does not have: `end` and beyond."""

    partition: int
    end: int
    highest: int


class DeepResult(Value):
    """What a pass over every row and every decision on the broker found.

    `on_broker`: committed records of disclosures.decided; `recorded`: different ones of them in the ledger.
    `sequence_gaps` informs and is no part of the balance: a producer may die with numbers it never sent.
    """

    on_broker: int
    recorded: int
    event_ids_twice: tuple[str, ...]
    sequence_gaps: int


class AuditResult(Value):
    """Whether `requested = decided + dead-lettered` and `ledger rows = decisions`, and what breaks it.

    requested: records on the broker below the ends the audit began with; of these
        requested_from_ledger: older than what the broker still has, so counted from the ledger
    decided, dead_lettered: rows that tell of a request; ledger_rows = decided, of which repeats are repeats
    decisions: different records of disclosures.decided behind these rows, and unreadable ones
    missing, waiting: requests no row tells of; waiting ones may still be on their way
    not_on_broker: offsets without a record (transaction markers, aborted records)
    gone: offsets no row tells of that the broker no longer has, so nobody can say whether a record was there
    not_looked_up: requests counted as missing or waiting without a look at the broker
    bulks: rows announced and found; informs and is no part of the balance: a sender may have been stopped
    """

    requested: int
    requested_from_ledger: int
    decided: int
    dead_lettered: int
    repeats: int
    decisions: int
    unreadable: int
    missing: dict[int, Spans]
    waiting: dict[int, Spans]
    twice: tuple[Twice, ...]
    beyond: tuple[Beyond, ...]
    not_on_broker: int
    gone: int
    not_looked_up: int
    recorder_is_behind: bool
    bulks: BulkFacts = BulkFacts()
    deep: DeepResult | None = None

    @property
    def ledger_rows(self) -> int:
        """Decision rows, repeats included."""
        return self.decided

    @property
    def requests_add_up(self) -> bool:
        """Whether requested = decided + dead-lettered."""
        return self.requested == self.decided + self.dead_lettered

    @property
    def rows_add_up(self) -> bool:
        """Whether ledger rows = decisions."""
        return self.ledger_rows == self.decisions

    @property
    def is_balanced(self) -> bool:
        """Whether G3 holds for everything requested before the audit began."""
        return (
            self.requests_add_up
            and self.rows_add_up
            and not (self.missing or self.waiting or self.twice or self.beyond)
            and not (self.not_looked_up or self.unreadable)
            and (self.deep is None or _deep_is_balanced(self.deep))
        )

    @property
    def imbalance(self) -> int:
        """How many records break the balance, those on their way left out; 0 where nothing is wrong."""
        return (
            count_all(self.missing)
            + len(self.twice)
            + len(self.beyond)
            + self.unreadable
            + abs(self.ledger_rows - self.decisions)
        )

    def equation(self) -> str:
        """The equation with its numbers; its last words are `balanced` or `NOT balanced`."""
        requests = "=" if self.requests_add_up else "≠"
        rows = "=" if self.rows_add_up else "≠"
        return (
            f"requested {self.requested:,} {requests} decided {self.decided:,} + dead-lettered "
            f"{self.dead_lettered:,}; ledger rows {self.ledger_rows:,} {rows} decisions {self.decisions:,}; "
            f"{'balanced' if self.is_balanced else 'NOT balanced'}"
        )

    def lines(self) -> list[str]:
        """The result in words: what breaks the balance, what is worth knowing, the equation last."""
        return [*_problems(self), *_information(self), self.equation()]


def audit_to_json(result: AuditResult) -> dict[str, Any]:
    """Return the result as JSON-able values, `schema` first; `is_balanced` and `equation` are for readers."""
    return {
        "schema": AUDIT_SCHEMA,
        "is_balanced": result.is_balanced,
        "equation": result.equation(),
        **result.model_dump(mode="json"),
    }


def _deep_is_balanced(deep: DeepResult) -> bool:
    return deep.on_broker == deep.recorded and not deep.event_ids_twice


def _problems(result: AuditResult) -> list[str]:
    lines = []
    if result.missing:
        lines.append(f"missing, neither decided nor dead-lettered: {named(result.missing)}")
    if result.waiting:
        why = (
            "the recorder is behind" if result.recorder_is_behind else "the gate is behind, or they are lost"
        )
        lines.append(f"waiting, not in the ledger yet ({why}): {named(result.waiting)}")
    if result.not_looked_up:
        lines.append(
            f"{result.not_looked_up:,} of these offsets were not looked up on the broker and may hold no "
            "record; raise --verify-limit to look at more"
        )
    if result.twice:
        shown = ", ".join(_twice(entry) for entry in result.twice[:_RUNS_SHOWN])
        more = f" and {len(result.twice) - _RUNS_SHOWN:,} more" if len(result.twice) > _RUNS_SHOWN else ""
        lines.append(f"told of twice: {shown}{more}")
    lines += [
        f"partition {entry.partition} ends at offset {entry.end} on the broker, yet the ledger knows offset "
        f"{entry.highest}: the topic was made anew, or this is another broker"
        for entry in result.beyond
    ]
    if result.unreadable:
        lines.append(
            f"{result.unreadable:,} decisions or dead letters could not be read and are in the ledger's "
            "table `unreadable`; upgrade the recorder and record them anew"
        )
    return lines + ([] if result.deep is None else _deep_problems(result.deep))


def _deep_problems(deep: DeepResult) -> list[str]:
    lines = []
    if deep.on_broker != deep.recorded:
        lines.append(
            f"the broker has {deep.on_broker:,} decisions, {deep.recorded:,} of them are in the ledger"
        )
    if deep.event_ids_twice:
        lines.append(f"event ids recorded twice: {', '.join(deep.event_ids_twice[:_RUNS_SHOWN])}")
    return lines


def _information(result: AuditResult) -> list[str]:
    lines = []
    if result.repeats:
        lines.append(f"{result.repeats:,} of the decisions repeat an event that was recorded before")
    if result.not_on_broker:
        lines.append(
            f"{result.not_on_broker:,} offsets hold no record (transaction markers, aborted records)"
        )
    if result.requested_from_ledger:
        lines.append(
            f"{result.requested_from_ledger:,} requests are older than what the broker keeps and were "
            "counted from the ledger alone"
        )
    if result.gone:
        lines.append(
            f"{result.gone:,} offsets are older than what the broker keeps and no row tells of them: records "
            "whose rows are gone too, or transaction markers; nobody can say which"
        )
    if result.bulks.bulks:
        bulks = result.bulks
        lines.append(f"{bulks.bulks:,} bulks: announced {bulks.announced:,}, found {bulks.found:,}")
    lines += [
        f"bulk {bulk.bulk_id}: announced {bulk.announced:,}, found {bulk.found:,}; the rest is on its way, "
        "or its sender was stopped, and `disclosures bulk send --resume` sends it"
        for bulk in result.bulks.incomplete
    ]
    if result.deep is not None:
        lines.append(
            f"every decision on the broker was compared ({result.deep.on_broker:,}); numbers that producers "
            f"gave out and no row has: {result.deep.sequence_gaps:,}"
        )
    return lines


def named(spans: PartitionSpans) -> str:
    """Name coordinates: `partition 0: 17, 20-25; partition 3: 4`, the first runs of many."""
    left = _RUNS_SHOWN
    texts = []
    for partition, runs in sorted(spans.items()):
        if left > 0 and runs:
            texts.append(f"partition {partition}: {', '.join(str(run) for run in runs[:left])}")
        left -= len(runs)
    more = ", and more" if left < 0 else ""
    return f"{'; '.join(texts)}{more} ({count_all(spans):,} in all)"


def _twice(entry: Twice) -> str:
    rows = f"{entry.decisions} decisions, {entry.dead_letters} dead letters"
    return f"partition {entry.partition} offset {entry.offset} ({rows})"


def audit_from_json(data: Mapping[str, Any]) -> AuditResult:
    """Read what `audit_to_json` made; raises pydantic.ValidationError for anything else."""
    return AuditResult.model_validate(
        {key: value for key, value in data.items() if key in AuditResult.model_fields}
    )
