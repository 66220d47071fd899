"""`disclosures up`."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter, validators

from disclosure_ledger.cli.output import JsonFlag, print_json, progress_bar, say, warn
from disclosure_ledger.pipeline import metrics_targets, run_lock, state_file
from disclosure_ledger.pipeline.signals import interrupted_by_signal, signals_held_back, stop_on_signal

if TYPE_CHECKING:
    from disclosure_ledger.pipeline.pipeline import Pipeline

_SAMPLE_EVENTS, _SAMPLE_PEOPLE = 10_000, 1_000


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
    console: Annotated[
        bool, Parameter(help="Serve API and console, and print a login that works once.")
    ] = True,
    sample: Annotated[
        bool, Parameter(help="Send the demo's stream of invented people once, into a fresh folder.")
    ] = False,
    print_env: Annotated[
        bool, Parameter(help="Print the settings of the pipeline in the folder and end.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Run broker, topics, gate, recorder and console together until SIGTERM or Ctrl-C.

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

    plan = Plan(folder=folder, kafka=kafka, gates=gates, port=port, jar_cache=jar_cache, console=console)
    with run_lock.held(folder):
        is_fresh = not plan.ledger_folder.exists()
        pipeline = Pipeline(plan, tell=warn)
        if kafka == "embedded":
            warn(EMBEDDED_NOTICE)
        try:
            with interrupted_by_signal():
                pipeline.start()
            _print_settings(without_secrets(pipeline.settings), as_json=as_json)
            warn(f"All of them, with the subject secret, are in {folder / state_file.FILE_NAME}.")
            warn(f"Prometheus finds the metrics of all processes by {folder / metrics_targets.FILE_NAME}.")
            with stop_on_signal() as stop:
                if sample:
                    _send_sample(pipeline, stop, is_fresh=is_fresh)
                if console:
                    warn(f"Console, with a login that works once within 15 minutes:\n  {_sign_in(pipeline)}")
                    warn("Another login: disclosures access login --role admin")
                warn("Running. Stop with Ctrl-C.")
                pipeline.run(stop)
        finally:
            with signals_held_back():
                pipeline.stop()


def _sign_in(pipeline: "Pipeline") -> str:
    """Address of the sign-in page with a fresh login."""
    from disclosure_ledger.access.key_store import KeyStore  # noqa: PLC0415
    from disclosure_ledger.access.roles import Role  # noqa: PLC0415

    with KeyStore(pipeline.plan.ledger_folder) as keys:
        login = keys.new_login("admin", frozenset({Role.ADMIN}), datetime.now(UTC))
    return f"{pipeline.console_address}/sign-in?login={login}"


def _send_sample(pipeline: "Pipeline", stop: threading.Event, *, is_fresh: bool) -> None:
    from disclosure_ledger.demo.run import DemoOptions, Watcher, send_stream  # noqa: PLC0415 - loads Kafka
    from disclosure_ledger.demo.stream import email_of, story_person  # noqa: PLC0415

    if not is_fresh:
        warn("There is a ledger already, so no sample is sent. Name a fresh folder with --dir for one.")
        return
    options = DemoOptions(folder=pipeline.plan.folder, events=_SAMPLE_EVENTS, people=_SAMPLE_PEOPLE)
    with progress_bar("sample", total=_SAMPLE_EVENTS) as bar:
        send_stream(options, pipeline, Watcher(tell=bar.tell, progress=bar.reach), stop)
    email = email_of(story_person(_SAMPLE_PEOPLE))
    warn(f"Sample data of {_SAMPLE_PEOPLE:,} invented people is in. Look up, for instance, {email}")


def without_secrets(settings: dict[str, str]) -> dict[str, str]:
    """The settings that may stand on a screen."""
    return {name: value for name, value in settings.items() if "SECRET" not in name}


def _print_settings(settings: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        print_json(settings)
    else:
        say(state_file.as_lines(settings).rstrip())
