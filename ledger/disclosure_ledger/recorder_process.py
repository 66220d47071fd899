"""A recorder's process: the ledger opened, the door, the worklist and the metrics beside the loop."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from disclosure_ledger.api.settings import ApiSettings
from disclosure_ledger.door.opening import open_to_record
from disclosure_ledger.door.reader import LocalReader
from disclosure_ledger.door.server import Door
from disclosure_ledger.kafka_offsets import BrokerOffsets
from disclosure_ledger.recorder import RecorderStep, Stop, run_recorder
from disclosure_ledger.recorder_meter import RecorderMeter
from disclosure_ledger.recorder_monitoring import monitored
from disclosure_ledger.settings import LedgerSettings
from disclosure_ledger.store.lookup import ANSWERING_SWITCH_INTERVAL_S
from disclosure_ledger.worklist.settings import WorklistSettings
from disclosure_ledger.worklist.worker import WorklistWorker
from disclosure_producers.settings import KafkaSettings, MetricsSettings, RegistrySettings


def run_recorder_process(
    stop: Stop,
    *,
    folder: Path | None,
    registry: Path | None,
    on_step: Callable[[RecorderStep], None],
) -> None:
    """Record and serve until told to stop, by the settings of the environment; owns this process.

    `folder`: of the ledger, in place of the settings'; `registry`: by what reports are decided again.
    """
    settings, kafka, meter = LedgerSettings(), KafkaSettings(), RecorderMeter()
    schemas, api = RegistrySettings(), ApiSettings()
    sys.setswitchinterval(ANSWERING_SWITCH_INTERVAL_S)
    with open_to_record(
        folder or settings.dir, threads=settings.threads, memory_limit=settings.memory_limit
    ) as ledger:
        reader = LocalReader(ledger, retention_months=settings.retention_months)
        with (
            monitored(ledger, meter, kafka, settings, MetricsSettings()),
            Door(ledger.path, reader, lambda: BrokerOffsets(kafka)),
            WorklistWorker(reader, WorklistSettings()),
            ExitStack() as served,
        ):
            if api.port is not None:
                from disclosure_ledger.api.process import running_api  # noqa: PLC0415 - loads all of the API
                from disclosure_ledger.console.routes import console_routes  # noqa: PLC0415 - and the console

                more = console_routes if api.console else list
                served.enter_context(
                    running_api(
                        ledger,
                        reader,
                        kafka,
                        schemas,
                        settings=api,
                        more=lambda _: more(),
                        on_denied=meter.denied,
                    )
                )
            run_recorder(
                ledger,
                kafka,
                settings,
                schemas,
                stop=stop,
                on_step=on_step,
                registry_folder=registry,
                meter=meter,
            )
