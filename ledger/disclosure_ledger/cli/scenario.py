"""`disclosures scenario run|new`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from disclosure_ledger.cli.failures import CHECK_FAILED, UsageError
from disclosure_ledger.cli.output import JsonFlag, print_json, say

if TYPE_CHECKING:
    from disclosure_consumers.scenarios.running import ScenarioResult

scenario = App(name="scenario", help="Test a disclosure policy with small stories: given, when, then.")

_DEFAULT_FILE = Path("scenarios.yaml")


@scenario.command
def run(
    *files: Annotated[
        Path,
        Parameter(name="FILE", help="Files with scenarios, folders, or patterns such as 'tests/*.yaml'."),
    ],
    registry: Annotated[
        Path | None,
        Parameter(
            name="--registry",
            help="Folder of recipients and notices; the folder `registry` beside the first file if left out, "
            "else the example registry.",
        ),
    ] = None,
    only: Annotated[tuple[str, ...], Parameter(name="--only", help="Run the scenario with this id.")] = (),
    junit: Annotated[
        Path | None, Parameter(name="--junit", help="Also write the results to this file, as JUnit XML.")
    ] = None,
    as_json: JsonFlag = False,
) -> int:
    """Run the scenarios of all files and say how each decision differs from the one expected.

    Example: `disclosures scenario run my_policy.yaml`. Needs no broker and no ledger: the engine that decides
    in the stream decides here. The last line counts; exit code 1 if a scenario failed, 2 if a file cannot be
    read as scenarios (then none was run).
    """
    from disclosure_consumers.scenarios.loading import load_stories  # noqa: PLC0415 - loads YAML and schemas
    from disclosure_consumers.scenarios.running import run_story  # noqa: PLC0415
    from disclosure_ledger.cli import scenario_report  # noqa: PLC0415

    if not files:
        raise UsageError(
            "which scenarios? Name a file or a folder; `disclosures scenario new` writes a first one."
        )
    results = [run_story(story) for story in load_stories(files, registry, only)]
    if junit is not None:
        _write_junit(junit, results)
    if as_json:
        print_json(scenario_report.as_json(results))
    else:
        for line in scenario_report.lines(results):
            say(line)
    return 0 if all(result.passed for result in results) else CHECK_FAILED


@scenario.command
def new(
    file: Annotated[Path, Parameter(name="FILE", help="File to write; it must not exist.")] = _DEFAULT_FILE,
    *,
    as_json: JsonFlag = False,
) -> None:
    """Write a first file of scenarios, with comments; it runs as it is.

    Example: `disclosures scenario new my_policy.yaml`, then `disclosures scenario run my_policy.yaml`.
    """
    from importlib import resources  # noqa: PLC0415

    template = resources.files("disclosure_consumers.scenarios").joinpath("template.yaml")
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(template.read_text(encoding="utf-8"))
    except FileExistsError as error:
        raise UsageError(f"{file} exists and was left as it is. Name another file.") from error
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from error
    if as_json:
        print_json({"file": str(file)})
    else:
        say(f"{file} is written. Run it with: disclosures scenario run {file}")


def _write_junit(file: Path, results: "list[ScenarioResult]") -> None:
    from disclosure_ledger.cli import scenario_report  # noqa: PLC0415

    try:
        file.write_bytes(scenario_report.as_junit(results))
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}. Give --junit another file.") from error
