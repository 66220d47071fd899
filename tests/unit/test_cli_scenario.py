"""`disclosures scenario run` and `disclosures scenario new`."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from disclosure_ledger.cli.app import run_command_line

FAILING = """title: A policy
scenarios:
- id: S1
  title: Sold "as is" & <unasked>, \\a
  cite: [Civ. Code 1798.120(d), 11 CCR 7026]
  why: to see it fail
  given:
    - {at: 2026-04-06T09:00:00-07:00, opt_out: alice}
  when:
    - ask: {kind: sale, to: harborlight}
  then:
    d1: {outcome: permit, reason: opted_out_of_sale, permit: [identifiers], flags: [critical]}
    notify: [harborlight]
- id: S2
  title: A service goes on
  when:
    - ask: {kind: business_purpose, to: parcelmoor}
  then:
    d1: {outcome: permit}
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISCLOSURE_DEBUG", raising=False)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A file with one scenario that fails and one that does not."""
    file = tmp_path / "policy.yaml"
    file.write_text(FAILING, encoding="utf-8")
    return file


def test_a_new_file_runs_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`new` writes a file with comments, and `run` finds all of it in order."""
    assert run_command_line(["scenario", "new", "mine.yaml"]) == 0
    assert "disclosures scenario run mine.yaml" in capsys.readouterr().out
    assert (tmp_path / "mine.yaml").read_text(encoding="utf-8").count("#") > 5
    assert run_command_line(["scenario", "run", "mine.yaml"]) == 0
    assert capsys.readouterr().out == "3 passed, 0 failed\n"


def test_a_new_file_takes_the_place_of_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that exists is left as it is, and that is bad input; so is a folder that is not there."""
    (tmp_path / "scenarios.yaml").write_text("mine", encoding="utf-8")
    assert run_command_line(["scenario", "new"]) == 2
    assert "left as it is" in capsys.readouterr().err
    assert (tmp_path / "scenarios.yaml").read_text(encoding="utf-8") == "mine"
    assert run_command_line(["scenario", "new", "missing/x.yaml"]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_failed_scenario_is_told(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Title, rule, line, expectation, what came instead and why, and the story; the last line counts."""
    assert run_command_line(["scenario", "run", "policy.yaml"]) == 1
    told = capsys.readouterr().out
    assert told.splitlines()[-1] == "1 passed, 1 failed"
    for text in (
        "FAILED S1: Sold",
        "policy.yaml:3  Civ. Code 1798.120(d); 11 CCR 7026",
        "to see it fail",
        "line 12: d1.outcome: expected permit, got suppress",
        "opted_out_of_sale: The person opted out",
        "line 12: d1.permit: expected [identifiers], got []",
        "line 12: d1.flags: expected [critical], got []",
        "line 13: notify: expected [harborlight], got []",
        "1. 2026-04-06T09:00:00-07:00  opt_out: alice",
        "2. 2026-04-06T09:01:00-07:00  d1: ask: {kind: sale, to: harborlight}",
    ):
        assert text in told
    assert "d1.reason" not in told  # that one came out as expected
    assert "S2" not in told


def test_results_as_json(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --json the same comes as one document, and the same exit code."""
    assert run_command_line(["scenario", "run", "policy.yaml", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["passed"], document["failed"]) == (1, 1)
    failed, passed = document["scenarios"]
    assert (failed["id"], failed["line"], failed["passed"]) == ("S1", 3, False)
    assert failed["mismatches"][0] == {
        "of": "d1.outcome",
        "line": 12,
        "expected": "permit",
        "got": "suppress",
        "reason": "opted_out_of_sale",
        "variant": None,
    }
    assert (passed["id"], passed["passed"], passed["mismatches"]) == ("S2", True, [])


def test_results_as_junit(policy: Path, tmp_path: Path) -> None:
    """--junit writes well-formed XML: a suite for the file, a case for each scenario, the failure in it."""
    assert run_command_line(["scenario", "run", "policy.yaml", "--junit", "out.xml"]) == 1
    (suite,) = ET.parse(tmp_path / "out.xml").getroot()
    assert (suite.tag, suite.get("name"), suite.get("tests"), suite.get("failures")) == (
        "testsuite",
        "policy.yaml",
        "2",
        "1",
    )
    failed, passed = suite
    assert (failed.get("name") or "").startswith('S1: Sold "as is" & <unasked>')
    (failure,) = failed
    assert "expected permit, got suppress" in (failure.get("message") or "")
    assert "opt_out: alice" in (failure.text or "")
    assert (passed.get("classname"), list(passed)) == ("policy.yaml", [])


def test_junit_holds_what_xml_cannot(tmp_path: Path) -> None:
    """A character that XML does not allow is replaced, not written."""
    text = FAILING.replace('Sold "as is" & <unasked>, \\a', '"A bell \\a rings"')
    (tmp_path / "policy.yaml").write_text(text, encoding="utf-8")
    assert run_command_line(["scenario", "run", "policy.yaml", "--junit", "out.xml"]) == 1
    (suite,) = ET.parse(tmp_path / "out.xml").getroot()
    assert suite[0].get("name") == "S1: A bell \ufffd rings"


def test_a_breakdown_is_an_error_in_junit(
    policy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A scenario that breaks the engine is told as a fault of the program, not as a mismatch."""

    def breaks(*_: object) -> None:
        raise ZeroDivisionError("no way")

    monkeypatch.setattr("disclosure_consumers.scenarios.running.play", breaks)
    assert run_command_line(["scenario", "run", "policy.yaml", "--junit", "out.xml"]) == 1
    told = capsys.readouterr().out
    assert "a fault of the program: ZeroDivisionError: no way" in told
    assert told.endswith("0 passed, 2 failed\n")
    (suite,) = ET.parse(tmp_path / "out.xml").getroot()
    assert [case[0].tag for case in suite] == ["error", "error"]


def test_only_some_scenarios_run(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--only runs one scenario and may be given several times; an id nobody has is bad input."""
    assert run_command_line(["scenario", "run", "--only", "S2", "policy.yaml"]) == 0
    assert capsys.readouterr().out == "1 passed, 0 failed\n"
    assert run_command_line(["scenario", "run", "--only", "S2", "--only", "S1", "policy.yaml"]) == 1
    assert capsys.readouterr().out.endswith("1 passed, 1 failed\n")
    assert run_command_line(["scenario", "run", "--only", "S9", "policy.yaml"]) == 2


def test_folders_and_patterns_run(policy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder and a pattern stand for the files in them."""
    for words in ([str(tmp_path)], ["*.yaml"], [".", "policy.yaml", "p*.yaml"]):
        assert run_command_line(["scenario", "run", *words]) == 1
        assert capsys.readouterr().out.endswith("1 passed, 1 failed\n")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.yaml", b"", "empty.yaml:1"),
        ("garbage.yaml", b"\x00\x01\x02", "garbage.yaml"),
        ("picture.yaml", bytes(range(256)), "picture.yaml"),
        ("broken.yaml", b"title: [", "broken.yaml:1"),
        ("verb.yaml", FAILING.replace("opt_out:", "opt_uot:").encode(), "verb.yaml:8"),
        ("moment.yaml", FAILING.replace("04-06T", "04-31T").encode(), "moment.yaml:8"),
        ("ids.yaml", FAILING.replace("S2", "S1").encode(), "ids.yaml:14"),
    ],
)
def test_a_bad_file_is_bad_input(
    name: str, content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that cannot be read as scenarios ends with exit code 2, names the place, and nothing runs."""
    (tmp_path / name).write_bytes(content)
    assert run_command_line(["scenario", "run", name]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "which scenarios"),
        (["missing.yaml"], "there is no such file"),
        (["policy.yaml", "--registry", "missing"], "missing"),
        (["policy.yaml", "--junit", "missing/out.xml"], "cannot be written"),
        (["policy.yaml", "--only"], "--only"),
    ],
)
def test_bad_arguments_are_bad_input(
    words: list[str], said: str, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever else is wrong with the arguments is said on stderr."""
    assert run_command_line(["scenario", "run", *words]) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("disclosures: ")
    assert said in printed.err


def test_a_registry_of_ones_own(tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--registry names the folder of recipients and notices; a mistake in it is bad input."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "taxonomy.yaml").write_text("purposes: []\n", encoding="utf-8")
    assert run_command_line(["scenario", "run", "policy.yaml", "--registry", "mine"]) == 2
    assert "mine" in capsys.readouterr().err


def test_running_scenarios_needs_no_broker_and_no_database() -> None:
    """The command loads no Kafka client, no DuckDB, no web framework."""
    code = (
        "import sys; from disclosure_ledger.cli import scenario, scenario_report; "
        "from disclosure_consumers.scenarios import loading, running; "
        "print(sorted({'duckdb', 'confluent_kafka', 'litestar', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
