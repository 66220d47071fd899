"""`disclosures registry check|show|schema`."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter
from cyclopts.validators import Number

from disclosure_ledger.cli.failures import CHECK_FAILED, UsageError
from disclosure_ledger.cli.output import JsonFlag, print_json, print_table, say, warn

if TYPE_CHECKING:
    from disclosure_consumers.registry_check.findings import Finding
    from disclosure_consumers.registry_check.roles_today import ContractState, RecipientState

registry = App(name="registry", help="Check the registry of recipients and notices, or show what it says.")

_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2900, 12, 31)
"""Days on which a registry can be looked at; its own days are of the years 1900 to 2999."""

Folder = Annotated[
    Path | None,
    Parameter(
        name="DIR",
        help="Folder of the registry; DISCLOSURE_GATE_REGISTRY if left out, else the example registry.",
    ),
]
AsOf = Annotated[
    str | None, Parameter(name="--as-of", help="Day in California, YYYY-MM-DD; today if left out.")
]


@registry.command
def check(
    folder: Folder = None,
    /,
    *,
    within_days: Annotated[
        int,
        Parameter(
            help="Warn of contracts and notices that end within so many days.",
            validator=Number(gte=0, lte=3650),
        ),
    ] = 60,
    as_of: AsOf = None,
    strict: Annotated[bool, Parameter(help="Exit code 1 for warnings too.")] = False,
    as_json: JsonFlag = False,
) -> int:
    """Hold a registry against its format, the law and its own promises; all findings, each with its line.

    An error keeps the registry from loading, and ends with exit code 1. A warning is likely a mistake, or at
    odds with the law or with what was promised. A note is worth knowing: decisions already take the safe
    side. Run it before every commit, and once a day for contracts that end.
    """
    from disclosure_consumers.registry_check.review import review  # noqa: PLC0415 - loads YAML
    from disclosure_consumers.registry_files import inspect_files, read_files  # noqa: PLC0415

    chosen, day = _folder(folder), _day(as_of)
    found = review(inspect_files(read_files(chosen)), today=day, within_days=within_days)
    counts = Counter(finding.severity.value for finding in found)
    if as_json:
        print_json(
            {
                "registry": str(chosen),
                "as_of": day.isoformat(),
                "within_days": within_days,
                "errors": counts["error"],
                "warnings": counts["warning"],
                "notes": counts["note"],
                "findings": [_plain(finding) for finding in found],
            }
        )
    else:
        _print_findings(chosen, day, found)
    return CHECK_FAILED if counts["error"] or (strict and counts["warning"]) else 0


@registry.command
def show(folder: Folder = None, /, *, as_of: AsOf = None, as_json: JsonFlag = False) -> None:
    """Show every recipient with its role in law today and the state of its contracts.

    The role follows from the contracts in force on that day; an event never says it. A registry with errors
    is not shown: `disclosures registry check` lists them.
    """
    from disclosure_consumers.registry_check.roles_today import recipients_on  # noqa: PLC0415
    from disclosure_consumers.registry_files import load_registry  # noqa: PLC0415 - loads YAML

    chosen, day = _folder(folder), _day(as_of)
    loaded = load_registry(chosen)
    recipients = recipients_on(loaded, day)
    if as_json:
        print_json(
            {
                "registry": str(chosen),
                "as_of": day.isoformat(),
                "content_hash": loaded.content_hash,
                "published": [notice.id for notice in loaded.notices],
                "recipients": [_plain_recipient(recipient) for recipient in recipients],
            }
        )
        return
    print_table(
        ("Recipient", "Name", "Category", f"Role on {day}", "Contracts"),
        [
            (
                recipient.id,
                recipient.name,
                recipient.category,
                recipient.role.replace("_", " "),
                "; ".join(_contract_text(contract) for contract in recipient.contracts) or "none",
            )
            for recipient in recipients
        ],
    )


@registry.command
def schema(
    name: Annotated[Literal["taxonomy", "recipients", "notice", "policy"], Parameter(help="Kind of file.")],
    *,
    as_json: JsonFlag = False,  # noqa: ARG001 - every command takes --json; a schema is JSON anyway
) -> None:
    """Print the JSON Schema of one kind of registry file, for editors and other checkers.

    With `disclosures registry schema notice > schema/notice.schema.json` and the first line
    `# yaml-language-server: $schema=../schema/notice.schema.json` in a notice, editors complete its keys and
    explain them. The schema holds the form; `disclosures registry check` also knows whether words exist and
    days agree.
    """
    from disclosure_consumers.registry_folder.json_schemas import json_schema_of  # noqa: PLC0415

    print_json(json_schema_of(name))


def _folder(folder: Path | None) -> Path:
    from disclosure_consumers.registry_files import example_registry  # noqa: PLC0415 - loads YAML
    from disclosure_consumers.settings import GateSettings  # noqa: PLC0415

    return folder or GateSettings().registry or example_registry()


def _day(text: str | None) -> date:
    from disclosure_consumers.core.days.deadlines import CALIFORNIA  # noqa: PLC0415

    if text is None:
        return datetime.now(UTC).astimezone(CALIFORNIA).date()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise UsageError(f"--as-of takes a day such as 2026-11-22, got {text!r}.")
    return day


def _print_findings(folder: Path, day: date, found: "Sequence[Finding]") -> None:
    for finding in found:
        place = finding.file if finding.line is None else f"{finding.file}:{finding.line}"
        say(f"{place}: {finding.severity.value}: {finding.sentence} [{finding.code}; {finding.citation}]")
    counts = Counter(finding.severity.value for finding in found)
    numbers = ", ".join(
        f"{counts[severity]} {severity}{'' if counts[severity] == 1 else 's'}"
        for severity in ("error", "warning", "note")
    )
    warn(f"{folder} as of {day}: {numbers}")


def _plain(finding: "Finding") -> dict[str, object]:
    return {
        "severity": finding.severity,
        "code": finding.code,
        "file": finding.file,
        "line": finding.line,
        "sentence": finding.sentence,
        "citation": finding.citation,
    }


def _plain_recipient(recipient: "RecipientState") -> dict[str, object]:
    contracts = [
        {
            **contract._asdict(),
            "first": contract.first.isoformat(),
            "last": contract.last.isoformat() if contract.last else None,
        }
        for contract in recipient.contracts
    ]
    return {**recipient._asdict(), "contracts": contracts}


def _contract_text(contract: "ContractState") -> str:
    until = f" {'on' if contract.state == 'ended' else 'until'} {contract.last}" if contract.last else ""
    through = f" through {contract.through}" if contract.through else ""
    return f"{contract.type.replace('_', ' ')}{through}: {contract.state}{until}"
