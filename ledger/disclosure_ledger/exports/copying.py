"""A consistent copy of the whole ledger as an operation, made while the recorder runs."""

from pathlib import Path

from disclosure_ledger.door.operation import Occasion, Operation
from disclosure_ledger.exports.folder import whole_folder, write_manifest
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.events.base import Moment, Value

SCHEMA = "disclosure-ledger/snapshot/1"
TIMEOUT_S = 6 * 3600.0


class CopyQuestion(Value):
    """Into which folder of the machine that has the ledger; the path is absolute."""

    out: Path


class CopyMade(Value):
    """What a copy holds; also its manifest.json."""

    schema_id: str = SCHEMA
    as_of: Moment
    decisions: int
    segments: int
    next_offsets: dict[str, dict[int, int]]


def run_copy(ledger: Ledger, body: CopyQuestion, occasion: Occasion) -> CopyMade:
    """Copy the ledger; sealed files are hard links where the file system allows, so they cost no space."""
    with whole_folder(body.out) as folder:
        ledger.copy_to(folder)
        with Ledger.open(folder, read_only=True) as copied:
            stats = copied.stats()
        offsets: dict[str, dict[int, int]] = {}
        for (topic, partition), offset in sorted(stats.next_offsets.items()):
            offsets.setdefault(topic, {})[partition] = offset
        made = CopyMade(
            as_of=occasion.now,
            decisions=stats.decisions,
            segments=len(stats.segments),
            next_offsets=offsets,
        )
        write_manifest(folder, made)
    return made


SNAPSHOT = Operation("/v1/snapshot", CopyQuestion, CopyMade, run_copy, timeout_s=TIMEOUT_S)
