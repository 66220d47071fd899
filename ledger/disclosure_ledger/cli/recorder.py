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
    as_json: JsonFlag = False,
) -> None:
    """Run the recorder, which writes decisions into the ledger, until SIGTERM or Ctrl-C.

    One recorder serves a ledger; meanwhile other commands ask through its door, a socket in the ledger's
    folder. Decisions, preferences and dead letters are recorded exactly once, also after a crash. With --json
    the log is JSON lines and the counts are printed at the end.
    """
    from disclosure_consumers.process_log import log_to_stderr  # noqa: PLC0415
    from disclosure_ledger.door.opening import open_to_record  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.door.reader import LocalReader  # noqa: PLC0415
    from disclosure_ledger.door.server import Door  # noqa: PLC0415
    from disclosure_ledger.kafka_offsets import BrokerOffsets  # noqa: PLC0415
    from disclosure_ledger.recorder import RecorderStep, run_recorder  # noqa: PLC0415
    from disclosure_ledger.recorder_meter import RecorderMeter  # noqa: PLC0415
    from disclosure_ledger.recorder_monitoring import monitored  # noqa: PLC0415
    from disclosure_ledger.settings import LedgerSettings  # noqa: PLC0415
    from disclosure_ledger.store.batch import BatchResult  # noqa: PLC0415
    from disclosure_producers.settings import (  # noqa: PLC0415
        KafkaSettings,
        LogSettings,
        MetricsSettings,
        RegistrySettings,
    )

    log_to_stderr(LogSettings(), as_json=as_json)
    settings, kafka = LedgerSettings(), KafkaSettings()
    totals = dict.fromkeys(asdict(BatchResult()), 0)

    def count(step: RecorderStep) -> None:
        for name, value in asdict(step.result).items():
            totals[name] += value

    meter, metrics = RecorderMeter(), MetricsSettings()
    with (
        stop_on_signal(give_up_after_s=DRAIN_WAIT_S) as stop,
        open_to_record(
            folder or settings.dir, threads=settings.threads, memory_limit=settings.memory_limit
        ) as ledger,
        monitored(ledger, meter, kafka, settings, metrics),
        Door(
            ledger.path,
            LocalReader(ledger, retention_months=settings.retention_months),
            lambda: BrokerOffsets(kafka),
        ),
    ):
        run_recorder(ledger, kafka, settings, RegistrySettings(), stop=stop, on_step=count, meter=meter)
    if as_json:
        print_json(totals)
    else:
        warn(f"recorder stopped: {totals['recorded']:,} decisions recorded")
