"""A recorder process for tests: settings from the environment, one line for each batch, SIGTERM drains."""

import signal
import sys
import threading

import structlog

from disclosure_ledger.recorder import RecorderStep, run_recorder
from disclosure_ledger.settings import LedgerSettings
from disclosure_ledger.store.ledger import Ledger
from disclosure_producers.settings import KafkaSettings, RegistrySettings


def main() -> None:
    """Record until SIGTERM; print how many decisions the ledger has after each batch."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    settings = LedgerSettings()
    with Ledger.open(settings.dir, create=True) as ledger:

        def tell(step: RecorderStep) -> None:
            sealed = "sealed" if step.sealed else "merged" if step.merged else "batch"
            print(ledger.stats().decisions, sealed, flush=True)

        run_recorder(ledger, KafkaSettings(), settings, RegistrySettings(), stop=stop, on_step=tell)
    print("closed", flush=True)


if __name__ == "__main__":
    main()
