"""`disclosures up`."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter, validators

from disclosure_ledger.cli.output import JsonFlag, print_json, say, warn
from disclosure_ledger.pipeline import metrics_targets, run_lock, state_file
from disclosure_ledger.pipeline.signals import interrupted_by_sigterm, signals_held_back, stop_on_signal


def up(
    *,
    kafka: Annotated[
        Literal["embedded", "apache"], Parameter(help="Broker to start: pip-installed, or Apache (Java 17).")
    ] = "embedded",
    gates: Annotated[
        int, Parameter(help="Gate processes to run.", validator=validators.Number(gte=1, lte=64))
    ] = 1,
    folder: Annotated[
        Path, Parameter(name="--dir", help="Folder for data, logs and settings.")
    ] = state_file.DEFAULT_FOLDER,
    port: Annotated[int | None, Parameter(help="Port of the broker; chosen once if not given.")] = None,
    jar_cache: Annotated[Path, Parameter(help="Folder for Apache Kafka's jars.")] = Path(".kafka"),
    print_env: Annotated[
        bool, Parameter(help="Print the settings of the pipeline in the folder and end.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Run broker, topics, gate and recorder together until SIGTERM or Ctrl-C.

    A process that dies is started again. Commands run in the same folder find the pipeline by themselves;
    applications take its settings, the subject secret among them, with
    `eval "$(disclosures up --print-env)"`.
    """
    if print_env:
        _print_settings(state_file.read(folder / state_file.FILE_NAME), as_json=as_json)
        return
    from disclosure_ledger.brokers.embedded import EMBEDDED_NOTICE  # noqa: PLC0415 - loads Kafka
    from disclosure_ledger.pipeline.pipeline import Pipeline  # noqa: PLC0415
    from disclosure_ledger.pipeline.plan import Plan  # noqa: PLC0415

    plan = Plan(folder=folder, kafka=kafka, gates=gates, port=port, jar_cache=jar_cache)
    with run_lock.held(folder):
        pipeline = Pipeline(plan, tell=warn)
        if kafka == "embedded":
            warn(EMBEDDED_NOTICE)
        try:
            with interrupted_by_sigterm():
                pipeline.start()
            _print_settings(without_secrets(pipeline.settings), as_json=as_json)
            warn(f"All of them, with the subject secret, are in {folder / state_file.FILE_NAME}.")
            warn(f"Prometheus finds the metrics of all processes by {folder / metrics_targets.FILE_NAME}.")
            warn("Running. Stop with Ctrl-C.")
            with stop_on_signal() as stop:
                pipeline.run(stop)
        finally:
            with signals_held_back():
                pipeline.stop()


def without_secrets(settings: dict[str, str]) -> dict[str, str]:
    """The settings that may stand on a screen."""
    return {name: value for name, value in settings.items() if "SECRET" not in name}


def _print_settings(settings: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        print_json(settings)
    else:
        say(state_file.as_lines(settings).rstrip())
