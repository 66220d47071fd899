"""`disclosures demo`."""

import shlex
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter, validators

from disclosure_ledger.cli.failures import CHECK_FAILED
from disclosure_ledger.cli.output import JsonFlag, print_json, print_table, progress_bar, say, show, warn
from disclosure_ledger.pipeline.state_file import FILE_NAME

if TYPE_CHECKING:
    from disclosure_ledger.demo.findings import OutcomeCount
    from disclosure_ledger.demo.run import DemoResult

_EVENTS_MIN = 100
_PEOPLE_MIN = 10


def demo(
    *,
    kafka: Annotated[
        Literal["embedded", "apache"], Parameter(help="Broker to start: pip-installed, or Apache (Java 17).")
    ] = "embedded",
    folder: Annotated[
        Path, Parameter(name="--dir", help="Folder of the demo; emptied at every start.")
    ] = Path(".demo"),
    events: Annotated[
        int, Parameter(help="Disclosures to send.", validator=validators.Number(gte=_EVENTS_MIN))
    ] = 30_000,
    people: Annotated[
        int, Parameter(help="People they are about.", validator=validators.Number(gte=_PEOPLE_MIN))
    ] = 3_000,
    seed: Annotated[int, Parameter(help="The same seed gives the same stream.")] = 42,
    jar_cache: Annotated[Path, Parameter(help="Folder for Apache Kafka's jars.")] = Path(".kafka"),
    as_json: JsonFlag = False,
) -> int:
    """Watch it work: a broker, a gate, a ledger and a believable stream.

    Starts everything on this machine, sends disclosures of invented people under MassMutual's notice for
    financial professionals of 2022 while some of them opt out, and stops everything again. Then prints what
    one person would be told, what was blocked and why, and the proof that nothing was lost.
    """
    from disclosure_ledger.brokers.embedded import EMBEDDED_NOTICE  # noqa: PLC0415 - loads Kafka
    from disclosure_ledger.demo.run import DemoOptions, Watcher, run_demo  # noqa: PLC0415

    if kafka == "embedded":
        warn(EMBEDDED_NOTICE)
    options = DemoOptions(
        folder=folder, kafka=kafka, events=events, people=people, seed=seed, jar_cache=jar_cache
    )
    warn(f"sending {events:,} disclosures of {people:,} people; logs are in {folder / 'logs'}")
    with progress_bar("disclosures", total=events) as bar:
        result = run_demo(options, Watcher(tell=bar.tell, progress=bar.reach))
    if as_json:
        print_json(_plain(result))
    else:
        _print(result, folder)
    return 0 if result.audit.is_balanced else CHECK_FAILED


def _print(result: "DemoResult", folder: Path) -> None:
    from disclosure_ledger.answers.terminal import answer_view  # noqa: PLC0415 - loads Kafka

    findings = result.findings
    say()
    _title(f"To whom was the data of {result.email} disclosed?")
    show(answer_view(findings.answer))
    _title("What was blocked, of everybody, and why")
    _print_outcomes(findings.blocked)
    if findings.found_afterwards:
        _title("Told of afterwards, though it should not have been done")
        _print_outcomes(findings.found_afterwards)
    if findings.dead_letters:
        _title("Could not be taken in (dead letters)")
        print_table(("Cause", "Records"), findings.dead_letters)
        say()
    _title("The run")
    say(
        f"Started in {result.start_s:.1f} s. Sent and decided in {result.stream_s:.1f} s: "
        f"{result.events_per_s:,} events a second through SDK, Kafka and one gate, exactly once. "
        f"All recorded {result.record_s:.1f} s later. {result.total_s:.1f} s in all."
    )
    say(f"The ledger is {folder / 'ledger' / 'hot.duckdb'}; everything is stopped. Ask it again with:")
    say(f"  . {_in_shell(folder / FILE_NAME)}")
    say(f"  {_program()} to-whom --email {result.email} --last 12m --blocked")
    say("See such data in a browser, with a console for people who use no shell: make up")
    say()
    for line in result.audit.lines():
        say(line)


def _title(text: str) -> None:
    say(f"=== {text} ===")


def _print_outcomes(counts: "tuple[OutcomeCount, ...]") -> None:
    from disclosure_ledger.answers.wording import explain  # noqa: PLC0415

    rows = [
        (entry.outcome.value, entry.disclosures, entry.reason, explain(entry.reason).sentence)
        for entry in counts
    ]
    print_table(("Outcome", "Times", "Reason", "In words"), rows)
    say()


def _plain(result: "DemoResult") -> dict[str, object]:
    from disclosure_ledger.answers.rendering import answer_to_json  # noqa: PLC0415
    from disclosure_ledger.audit.result import audit_to_json  # noqa: PLC0415

    findings = result.findings
    return {
        "email": result.email,
        "answer": answer_to_json(findings.answer),
        "outcomes": [asdict(entry) for entry in findings.outcomes],
        "dead_letters": dict(findings.dead_letters),
        "audit": audit_to_json(result.audit),
        "events_per_s": result.events_per_s,
        "start_s": round(result.start_s, 2),
        "stream_s": round(result.stream_s, 2),
        "record_s": round(result.record_s, 2),
        "total_s": round(result.total_s, 2),
    }


def _in_shell(path: Path) -> str:
    """A path as the shell's `.` takes it: with a slash, so that it is not looked for in PATH."""
    text = str(path) if path.is_absolute() else f"./{path}"
    return shlex.quote(text)


def _program() -> str:
    """How to call this program again from here."""
    return "disclosures" if shutil.which("disclosures") else shlex.quote(sys.argv[0])
