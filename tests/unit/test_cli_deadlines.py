"""`disclosures deadlines`: the dates, what binds, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from command_line import with_commands
from disclosure_consumers.registry_files import example_registry
from disclosure_ledger.entry import run

pytestmark = pytest.mark.usefixtures("_own_world")

RECEIVED = ["deadlines", "--received", "2026-11-22T10:00-08:00"]
MM22 = "massmutual_workforce_2022"


@pytest.fixture
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without a pipeline and no registry of the gate's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISCLOSURE_GATE_REGISTRY", raising=False)
    with_commands(monkeypatch, "deadlines:deadlines")


def registry_with(folder: Path, policy: str) -> str:
    """A copy of the example registry with other settings."""
    (folder / "notices").mkdir(parents=True)
    for path in example_registry().rglob("*.yaml"):
        (folder / path.relative_to(example_registry())).write_bytes(path.read_bytes())
    (folder / "policy.yaml").write_text(policy)
    return str(folder)


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """What the command prints as JSON."""
    assert run([*RECEIVED, *words, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert isinstance(document, dict)
    return document


def dates(document: dict[str, Any]) -> dict[tuple[str, str], str]:
    """Last days by duty and reading."""
    return {(row["duty"], row["reading"]): row["last_day"] for row in document["deadlines"]}


def binding(document: dict[str, Any]) -> dict[str, str]:
    """The reading that binds, by duty."""
    return {row["duty"]: row["reading"] for row in document["deadlines"] if row["binds"]}


@pytest.mark.parametrize("kind", ["opt-out", "limit"])
def test_opt_outs_and_limits_have_three_dates(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Fifteen business days come by three readings, of which the strict one binds."""
    document = answer(capsys, "--kind", kind)
    assert dates(document) == {
        ("comply", "strict"): "2026-12-09",
        ("comply", "target"): "2026-12-11",
        ("comply", "outer"): "2026-12-15",
    }
    assert binding(document) == {"comply": "strict"}
    assert document["received_day"] == "2026-11-22"


@pytest.mark.parametrize("kind", ["know", "delete", "correct"])
def test_other_requests_are_confirmed_and_answered(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Requests to know, delete and correct are confirmed in 10 business days and answered in 45 days."""
    document = answer(capsys, "--kind", kind)
    assert dates(document) == {
        ("confirm receipt", "strict"): "2026-12-03",
        ("confirm receipt", "target"): "2026-12-04",
        ("confirm receipt", "outer"): "2026-12-08",
        ("respond", "calendar"): "2027-01-06",
        ("respond", "extended"): "2027-02-20",
    }
    assert binding(document) == {"confirm receipt": "strict", "respond": "calendar"}


def test_the_shorter_promise_of_a_notice_binds(capsys: pytest.CaptureFixture[str]) -> None:
    """A notice that promises fifteen calendar days is due before fifteen business days are over."""
    document = answer(capsys, "--notice", MM22)
    assert document["notice_id"] == MM22
    assert dates(document)["comply", "notice"] == "2026-12-07"
    assert binding(document) == {"comply": "notice"}


def test_a_notice_that_promises_nothing_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a number of days in the notice the law's dates stand alone, and the text says so."""
    assert run([*RECEIVED, "--notice", "neutral"]) == 0
    assert "neutral promises no number of days" in capsys.readouterr().out
    assert binding(answer(capsys, "--notice", "neutral")) == {"comply": "strict"}


def test_a_promise_about_opt_outs_is_none_about_requests_to_know(capsys: pytest.CaptureFixture[str]) -> None:
    """The promised days of opt-outs do not shorten the answer to a request to know."""
    assert binding(answer(capsys, "--notice", MM22, "--kind", "know"))["respond"] == "calendar"


@pytest.mark.parametrize(
    ("toggles", "reading"),
    [
        ("business_days: mon_fri", "target"),
        ("business_days: mon_sat", "strict"),
    ],
)
def test_the_registry_says_what_a_business_day_is(
    toggles: str, reading: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The toggle of the registry chooses the reading that binds, as it does for the gate."""
    folder = registry_with(tmp_path / "mine", f"published: [neutral]\ntoggles: {{{toggles}}}\n")
    assert binding(answer(capsys, "--registry", folder)) == {"comply": reading}


def test_a_promise_binds_only_if_the_registry_lets_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With notice_sla_override off the promise is shown, and the law's date binds."""
    policy = f"published: [{MM22}]\ntoggles: {{notice_sla_override: false}}\n"
    document = answer(capsys, "--registry", registry_with(tmp_path / "mine", policy))
    assert dates(document)["comply", "notice"] == "2026-12-07"
    assert binding(document) == {"comply": "strict"}


def test_the_day_of_receipt_is_the_day_in_california(capsys: pytest.CaptureFixture[str]) -> None:
    """A moment that is the next day in UTC counts from the day it was in California."""
    assert run(["deadlines", "--received", "2026-11-23T07:59:59Z", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["received_day"] == "2026-11-22"


def test_the_text_names_dates_rules_and_what_binds(capsys: pytest.CaptureFixture[str]) -> None:
    """A person reads each date with the rule it comes from, and which one binds."""
    assert run([*RECEIVED, "--notice", MM22]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "opt-out received on Sunday, 2026-11-22, in California"
    (strict,) = (line for line in lines if "strict" in line)
    assert strict.startswith("2026-12-09  Wednesday")
    assert "11 CCR 7026(f)(1); Civ. Code 7, 9" in strict
    (bound,) = (line for line in lines if line.rstrip().endswith("binds"))
    assert MM22 in bound


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["deadlines"], "--received"),
        (["deadlines", "--received", "2026-11-22"], "time zone"),
        (["deadlines", "--received", "9999-12-31T10:00-08:00"], "years 2000 to 2199"),
        ([*RECEIVED, "--kind", "shout"], "opt-out"),
        ([*RECEIVED, "--notice", "nobodys"], "nobodys"),
        ([*RECEIVED, "--registry", "nowhere"], "nowhere"),
        (["deadlines", "--received", "2021-11-22T10:00-08:00", "--notice", MM22], "not in force"),
    ],
)
def test_bad_input_is_said_in_words(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bad input ends with exit code 2 and a text that says what is wrong."""
    assert run(words) == 2
    printed = capsys.readouterr()
    assert expected in printed.err
    assert printed.out == ""
