"""`python -m disclosure_consumers`: one gate process, with its settings from the environment.

Prints `ready` when it has read the preference state and joins its group. SIGTERM and SIGINT drain it: the
batch in hand is finished and the group is left. Exit code 0, or 1 when another gate has taken its place.
"""

import signal
import sys
import threading
from types import FrameType

from disclosure_consumers.ports import FencedError
from disclosure_consumers.process_log import log_to_stderr
from disclosure_consumers.service import run_gate
from disclosure_consumers.settings import GateSettings
from disclosure_producers.settings import KafkaSettings, LogSettings, RegistrySettings


def main() -> int:
    """Run one gate until a signal comes."""
    log_to_stderr(LogSettings())
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    try:
        run_gate(
            KafkaSettings(),
            GateSettings(),
            RegistrySettings(),
            should_stop=stop.is_set,
            on_ready=lambda: print("ready", flush=True),  # noqa: T201 - whoever started it waits for this
        )
    except FencedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
