"""`disclosures drill`."""

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter, validators

from disclosure_ledger.cli.failures import CHECK_FAILED, UsageError
from disclosure_ledger.cli.output import JsonFlag, print_json, say, warn
from disclosure_ledger.pipeline import run_lock

if TYPE_CHECKING:
    from disclosure_ledger.drills.result import DrillResult

DrillName = Literal["broker-down", "gate-kill", "recorder-kill", "disk-full", "poison", "clock-skew"]


def drill(
    name: Annotated[DrillName, Parameter(help="What breaks.")],
    /,
    *,
    kafka: Annotated[
        Literal["embedded", "apache"], Parameter(help="Broker to start: pip-installed, or Apache (Java 17).")
    ] = "embedded",
    hurry: Annotated[
        float,
        Parameter(help="Alerts wait so many times shorter.", validator=validators.Number(gte=1, lte=3600)),
    ] = 60.0,
    folder: Annotated[
        Path | None, Parameter(name="--dir", help="Empty folder for data and logs, kept; else one that goes.")
    ] = None,
    jar_cache: Annotated[Path, Parameter(help="Folder for Apache Kafka's jars.")] = Path(".kafka"),
    as_json: JsonFlag = False,
) -> int:
    """Break a pipeline of its own on purpose, and see which alert fires and that nothing is lost.

    Starts a broker, a gate, a recorder and Prometheus with the alerts of this product on this machine, sends
    load, breaks one thing, waits until Prometheus says so, repairs it and audits. Exit code 1 if the alert
    did not fire or the audit does not balance. Needs the program `prometheus`.
    """
    from disclosure_ledger.drills.run import DrillOptions, run_drill  # noqa: PLC0415 - loads Kafka
    from disclosure_ledger.drills.table import DRILLS  # noqa: PLC0415

    chosen = DRILLS[name]
    place = _empty(folder)
    warn(f"drill {name}: {chosen.about} Data and logs are in {place}")
    options = DrillOptions(folder=place, kafka=kafka, hurry=hurry, jar_cache=jar_cache)
    result = None
    try:
        with run_lock.held(place):
            result = run_drill(chosen, options, tell=warn if as_json else say)
    finally:
        if folder is None and result is not None and result.passed:
            shutil.rmtree(place)
    if as_json:
        _print_json(result)
    else:
        _print(result)
    return 0 if result.passed else CHECK_FAILED


def _empty(folder: Path | None) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="disclosures-drill-"))
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(
            f"{folder} is not empty. A drill wants a folder of its own: name another with --dir."
        )
    return folder


def _print(result: "DrillResult") -> None:
    say()
    fired = result.fired
    if fired is None:
        say(f"{result.expected} should have fired and did not.")
    else:
        say(f"{fired.name} ({fired.severity}), {fired.after_s:g} s after the breaking: {fired.summary}")
        say(f"  {fired.description}")
        say(f"  What to do: {fired.runbook}")
    if result.others:
        say(f"Also fired: {', '.join(result.others)}")
    if result.before:
        say(f"Fired before anything was broken: {', '.join(result.before)}")
    say()
    for line in result.audit.lines():
        say(line)
    say()
    say("The drill is passed." if result.passed else "The drill is NOT passed.")


def _print_json(result: "DrillResult") -> None:
    from disclosure_ledger.audit.result import audit_to_json  # noqa: PLC0415
    from disclosure_ledger.drills.result import DRILL_SCHEMA  # noqa: PLC0415

    print_json(
        {
            "schema": DRILL_SCHEMA,
            **result.model_dump(mode="json", exclude={"audit"}),
            "audit": audit_to_json(result.audit),
            "passed": result.passed,
        }
    )
