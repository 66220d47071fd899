"""The API over a large ledger in a process of its own, for bench.api.

python -m bench.api_server FOLDER ROWS

It prints {"port": ..., "key": ...} once it serves. A line `ROWS_PER_SECOND` on its standard input has it
record so many rows from then on, 0 none; it ends with its standard input.
"""

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from litestar import post

from api_world import PREFERENCES, api_world
from bench.large_ledger import build, seal_and_merge
from bench.ledger_rows import LedgerRows, Plan, subject_key
from disclosure_ledger.access.roles import Role
from disclosure_ledger.api.permissions import allowed
from disclosure_ledger.api.server import ApiServer
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.lookup import ANSWERING_SWITCH_INTERVAL_S
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import PreferenceKind
from gate_events import preference

OPTED_OUT_EVERY = 10
SUBJECTS_WITH_PREFERENCES = 20_000
_BATCH_ROWS = 2_500


class Ingest:
    """Records rows in a thread, as many a second as it is told."""

    def __init__(self, ledger: Ledger, plan: Plan) -> None:
        self._ledger, self._plan = ledger, plan
        self._rows = LedgerRows(plan)
        self._rate = 0.0
        self._is_over = False
        self._thread = threading.Thread(target=self._record)
        self._thread.start()

    def at(self, rows_per_s: float) -> None:
        """Record so many from now on."""
        self._rate = rows_per_s

    def stop(self) -> None:
        """End, before the ledger is closed."""
        self._is_over = True
        self._thread.join()

    def _record(self) -> None:
        recorded, due = 0, time.monotonic()
        while not self._is_over:
            if not self._rate:
                time.sleep(0.05)
                due = time.monotonic()
                continue
            self._ledger.record_batch(self._rows.batch(self._plan.rows + recorded, _BATCH_ROWS))
            seal_and_merge(self._ledger)
            recorded += _BATCH_ROWS
            due += _BATCH_ROWS / self._rate
            time.sleep(max(0.0, due - time.monotonic()))


@post("/v1/bare", status_code=200, opt=allowed(Role.EMITTER), include_in_schema=False)
async def bare(data: dict[str, Any]) -> dict[str, Any]:
    """The bound: a body read and written, behind the same credentials and limits."""
    return {"outcome": "permit", "items": len(data)}


def main() -> None:
    """Serve until the standard input ends."""
    folder, plan = Path(sys.argv[1]), Plan(int(sys.argv[2]))
    build(folder / "ledger", plan, quiet=True)
    sys.setswitchinterval(ANSWERING_SWITCH_INTERVAL_S)  # as the recorder's process does
    with (
        api_world(folder, rows=(), more=[bare], rate_limit="1000000/second") as world,
        ApiServer(world.app, world.services.settings) as server,
    ):
        encode = EventCodec(PreferenceRecorded).encode
        for number in range(0, SUBJECTS_WITH_PREFERENCES, OPTED_OUT_EVERY):
            key = subject_key(number)
            said = encode(preference(key, PreferenceKind.OPT_OUT))
            world.control_log.append(PREFERENCES, 0, key.bytes, said)
        world.services.checker.replica.seen_fresh(30)
        ingest = Ingest(world.ledger, plan)
        print(json.dumps({"port": server.port, "key": world.keys[Role.ADMIN]}), flush=True)
        for line in sys.stdin:
            ingest.at(float(line))
        ingest.stop()


if __name__ == "__main__":
    main()
