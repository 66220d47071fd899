"""Drills as values, and what the command says before anything is started."""

import json
from pathlib import Path
from typing import get_args

import pytest

from disclosure_ledger.audit.result import AuditResult
from disclosure_ledger.cli import drill as command
from disclosure_ledger.cli.app import run_command_line
from disclosure_ledger.demo.stream import Broken, Disclose, Settle
from disclosure_ledger.drills.load import sound_steps
from disclosure_ledger.drills.result import DrillResult, FiredAlert
from disclosure_ledger.drills.table import DRILLS
from disclosure_ledger.monitoring.tables import alert_rules
from disclosure_schemas.events.vocabulary import Mode

FIRED = FiredAlert(
    name="DisclosureGateDown", severity="page", summary="s", description="d", runbook="r", after_s=2.0
)


def balance(missing: int = 0) -> AuditResult:
    """An audit of ten requests."""
    return AuditResult(
        requested=10,
        requested_from_ledger=0,
        decided=10 - missing,
        dead_lettered=0,
        repeats=0,
        decisions=10 - missing,
        unreadable=0,
        missing={},
        waiting={},
        twice=(),
        beyond=(),
        not_on_broker=0,
        gone=0,
        not_looked_up=0,
        recorder_is_behind=False,
    )


def result(
    fired: FiredAlert | None = FIRED, before: tuple[str, ...] = (), audit: AuditResult | None = None
) -> DrillResult:
    """The result of a drill."""
    return DrillResult(
        drill="gate-kill",
        told=("one",),
        expected=FIRED.name,
        fired=fired,
        others=(),
        before=before,
        audit=audit or balance(),
    )


def test_the_command_offers_every_drill() -> None:
    """The names of the command line are those of the table."""
    assert set(get_args(command.DrillName)) == set(DRILLS)


@pytest.mark.parametrize("name", DRILLS)
def test_a_drill_waits_for_an_alert_that_exists(name: str) -> None:
    """Each drill names one of our alerts, is described by a sentence, and stands under its own name."""
    drill = DRILLS[name]
    assert drill.alert in {alert.name for alert in alert_rules()}
    assert drill.about.endswith(".")
    assert drill.name == name


def test_a_drill_is_passed_only_if_alert_and_audit_are_as_they_should() -> None:
    """No alert, an alert that was there before, or an audit that does not balance: not passed."""
    assert result().passed
    assert not result(fired=None).passed
    assert not result(before=("DisclosureGateDown",)).passed
    assert not result(audit=balance(missing=1)).passed


def test_the_load_of_a_drill_makes_no_alert_fire() -> None:
    """A thousand steps hold no broken record, no report of what nobody asked for, and no waiting."""
    stream = sound_steps()
    taken = [next(stream) for _ in range(6_000)]
    assert not [step for step in taken if isinstance(step, Broken | Settle)]
    assert not [step for step in taken if isinstance(step, Disclose) and step.mode is not Mode.REQUEST]


def test_a_folder_with_something_in_it_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A drill in a folder that is not empty is bad input, and nothing is touched."""
    (tmp_path / "precious").write_text("x")
    assert run_command_line(["drill", "poison", "--dir", str(tmp_path)]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["precious"]


def test_without_prometheus_the_drill_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the program is not in the PATH nothing is started; one sentence says what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run_command_line(["drill", "poison", "--dir", str(tmp_path / "drill")]) == 3
    told = capsys.readouterr().err
    assert "missing prometheus" in told
    assert "apt-get install prometheus" in told
    assert not (tmp_path / "drill" / "logs").exists()


def test_the_json_of_a_result_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json a program gets schema, steps, alert, audit and the verdict."""
    command._print_json(result())
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "disclosure-ledger/drill/1"
    assert (told["passed"], told["fired"]["name"], told["told"]) == (True, "DisclosureGateDown", ["one"])
    assert told["audit"]["is_balanced"] is True


def test_the_text_of_a_result_says_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    """A drill that is not passed says which alert did not fire, or fired too early."""
    command._print(result(fired=None, before=("DisclosureDeadLetters",)))
    told = capsys.readouterr().out
    assert "DisclosureGateDown should have fired and did not" in told
    assert "Fired before anything was broken: DisclosureDeadLetters" in told
    assert "NOT passed" in told
