"""How a bulk is printed."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from disclosure_ledger.cli.output import print_json, print_table, say, warn

if TYPE_CHECKING:
    from disclosure_ledger.bulk.progress import BulkState
    from disclosure_ledger.bulk.rejects import RejectsFile
    from disclosure_producers.bulk import BulkSent


def plain(state: "BulkState") -> dict[str, object]:
    """A state for programs."""
    return {**state.model_dump(mode="json"), "is_complete": state.is_complete}


def print_state(state: "BulkState") -> None:
    """A state for people."""
    announced = state.announced
    say(
        f"bulk {announced.bulk_id}: {announced.kind.replace('_', ' ')} of {', '.join(announced.items)} to "
        f"{announced.recipient_id}, announced {announced.announced_at.isoformat(timespec='seconds')} by "
        f"{announced.emitter}"
    )
    say(
        f"announced {announced.rows:,}, decided {state.decided:,}, dead-lettered {state.dead_lettered:,}, "
        f"waiting {state.waiting:,}"
    )
    if state.outcomes:
        rows = [(count.outcome.value, count.reason.sentence, count.rows) for count in state.outcomes]
        print_table(("outcome", "why", "rows"), rows)
    until = "" if state.valid_until is None else f", until {state.valid_until.isoformat(timespec='seconds')}"
    say(f"may go now: {state.permitted:,}{until}; whose permit has ended: {state.expired:,}")
    if state.missing:
        runs = ", ".join(f"{run.first}-{run.last}" for run in state.missing)
        say(f"rows without a decision, by number from 0: {runs}")


def print_sent(sent: "BulkSent", rejected: "RejectsFile", *, as_json: bool) -> None:
    """What was sent, and what was not."""
    if as_json:
        print_json(
            {
                "bulk_id": sent.bulk_id,
                "rows": sent.rows,
                "delivered": sent.delivered,
                "stored": sent.stored,
                "rejected": rejected.rows,
                "rejects_file": str(rejected.path) if rejected.rows else None,
            }
        )
    else:
        say(f"bulk {sent.bulk_id}: {sent.delivered:,} of {sent.rows:,} rows are in the topic")
    if sent.stored:
        warn(
            f"{sent.stored:,} rows are in the outbox: the broker is away. When it is back, run this again "
            f"with --resume {sent.bulk_id}."
        )
    if rejected.rows:
        warn(f"disclosures: records that name nobody, left out: {rejected.rows:,}; see {rejected.path}.")


def print_permitted(
    state: "BulkState", rows: int, valid_until: datetime | None, out: Path, *, as_json: bool
) -> None:
    """What was written of who may go."""
    if as_json:
        print_json(
            {
                "bulk_id": state.announced.bulk_id,
                "rows": state.announced.rows,
                "permitted": rows,
                "partial": state.partial,
                "valid_until": valid_until,
                "file": str(out),
            }
        )
        return
    until = "" if valid_until is None else f"; upload before {valid_until.isoformat(timespec='seconds')}"
    say(f"{rows:,} of {state.announced.rows:,} may go: {out}{until}")
    if state.partial:
        say(f"{state.partial:,} more may go with some of the items; they are not in the file")
