"""`disclosures recorder`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from disclosure_ledger.cli.output import JsonFlag, print_json, warn
from disclosure_ledger.pipeline.signals import DRAIN_WAIT_S, stop_on_signal


def recorder(
    *,
    folder: Annotated[
        Path | None, Parameter(name="--dir", help="Folder of the ledger; DISCLOSURE_LEDGER_DIR if left out.")
    ] = None,
    registry: Annotated[
        Path | None,
        Parameter(
            help="Folder of recipients and notices, by which reports are decided again; as the gate's."
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Run the recorder, which writes decisions into the ledger, until SIGTERM or Ctrl-C.

    One recorder serves a ledger; meanwhile other commands ask through its door, a socket in the ledger's
    folder. With DISCLOSURE_API_PORT set it serves the HTTP API as well. Decisions, preferences and dead
    letters are recorded exactly once, also after a crash. Reports are decided again, by appending, when what
    bears on them arrives later. Beside that the recorder keeps the worklist up to date, and sends what is due
    where DISCLOSURE_WORKLIST_SEND says so. With --json the log is JSON lines and the counts are printed at
    the end.
    """
    from disclosure_consumers.process_log import log_to_stderr  # noqa: PLC0415
    from disclosure_ledger.recorder import RecorderStep  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.recorder_process import run_recorder_process  # noqa: PLC0415
    from disclosure_ledger.store.batch import BatchResult  # noqa: PLC0415
    from disclosure_producers.settings import LogSettings  # noqa: PLC0415

    log_to_stderr(LogSettings(), as_json=as_json)
    totals = dict.fromkeys([*asdict(BatchResult()), "redecided"], 0)

    def count(step: RecorderStep) -> None:
        for name, value in asdict(step.result).items():
            totals[name] += value
        totals["redecided"] += step.redecided

    with stop_on_signal(give_up_after_s=DRAIN_WAIT_S) as stop:
        run_recorder_process(stop, folder=folder, registry=registry, on_step=count)
    if as_json:
        print_json(totals)
    else:
        warn(f"recorder stopped: {totals['recorded']:,} decisions recorded")
