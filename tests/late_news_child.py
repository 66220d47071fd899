"""A recorder process that can be killed: a log in memory, read from a file, and a ledger on disk.

python late_news_child.py LOG FOLDER: a line for each batch, `done` when nothing is left.
"""

import pickle
import sys
from datetime import UTC, datetime
from pathlib import Path

import structlog

from disclosure_ledger.recorder import Recorder
from disclosure_ledger.reevaluation.reevaluator import Reevaluator
from disclosure_ledger.settings import LedgerSettings
from disclosure_ledger.store.ledger import Ledger
from gate_events import registry
from memory_log import MemoryLog, MemorySource
from recorder_samples import CODECS


def main() -> None:
    """Record what is left, in small batches and segments."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    log = pickle.loads(Path(sys.argv[1]).read_bytes())
    assert isinstance(log, MemoryLog)
    in_force = registry()
    with Ledger.open(Path(sys.argv[2]), create=True) as ledger:
        source = MemorySource(log)
        source.open(ledger.next_offsets(), 0)
        reevaluator = Reevaluator(ledger, lambda: in_force)
        reevaluator.after()
        recorder = Recorder(
            ledger,
            source,
            CODECS,
            LedgerSettings(batch_rows=5, seal_rows=40),
            lambda: datetime.now(UTC),
            reevaluator=reevaluator,
        )
        while (step := recorder.step()) is not None and (step.received or step.merged):
            print("step", flush=True)
    print("done", flush=True)


if __name__ == "__main__":
    main()
