"""`disclosures gate`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from disclosure_ledger.cli.output import JsonFlag, print_json, warn
from disclosure_ledger.pipeline.signals import DRAIN_WAIT_S, stop_on_signal


def gate(
    *,
    registry: Annotated[Path | None, Parameter(help="Folder of recipients and notices.")] = None,
    instance: Annotated[str | None, Parameter(help="Name of this process, the same after a restart.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Run one gate process until SIGTERM or Ctrl-C.

    A gate takes requests from Kafka, decides each against the person's preferences and the published notice,
    and writes decision and progress in one Kafka transaction. Start more of them to share the work; all
    settings are environment variables DISCLOSURE_GATE_... and DISCLOSURE_KAFKA_....

    Without --registry the example registry is used. With --json the log is JSON lines and the counts are
    printed at the end.
    """
    from disclosure_consumers.gate import StepReport  # noqa: PLC0415 - loads Kafka
    from disclosure_consumers.gate_meter import GateMeter  # noqa: PLC0415
    from disclosure_consumers.metering.exposition import MetricsServer  # noqa: PLC0415
    from disclosure_consumers.process_log import log_to_stderr  # noqa: PLC0415
    from disclosure_consumers.service import run_gate  # noqa: PLC0415
    from disclosure_consumers.settings import GateSettings  # noqa: PLC0415
    from disclosure_producers.settings import (  # noqa: PLC0415
        KafkaSettings,
        LogSettings,
        MetricsSettings,
        RegistrySettings,
    )

    log_to_stderr(LogSettings(), as_json=as_json)
    given = {"registry": registry, "instance": instance}
    settings = GateSettings().model_copy(
        update={name: value for name, value in given.items() if value is not None}
    )
    totals = {"decided": 0, "dead_lettered": 0, "aborted_transactions": 0}

    def count(report: StepReport) -> None:
        totals["decided"] += report.decided
        totals["dead_lettered"] += report.dead_lettered
        totals["aborted_transactions"] += report.aborted

    meter = GateMeter()
    with stop_on_signal(give_up_after_s=DRAIN_WAIT_S) as stop, MetricsServer(MetricsSettings(), meter.meter):
        run_gate(
            KafkaSettings(),
            settings,
            RegistrySettings(),
            should_stop=stop.is_set,
            on_step=count,
            meter=meter,
        )
    if as_json:
        print_json(totals)
    else:
        warn(f"gate stopped: {totals['decided']:,} decided, {totals['dead_lettered']:,} dead letters")
