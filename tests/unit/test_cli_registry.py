"""`disclosures registry`: what it checks, shows and prints, and how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest

from command_line import with_commands
from disclosure_consumers.registry_files import example_registry, load_registry
from disclosure_consumers.registry_folder.json_schemas import FORMS, json_schema_of
from disclosure_ledger.entry import run
from registry_samples import TODAY, sample, written

pytestmark = pytest.mark.usefixtures("_own_world")

AS_OF = ("--as-of", TODAY.isoformat())
UNCERTIFIED = ("recipients.yaml", "certified: true", "certified: false")
MISSPELT = ("recipients.yaml", "category: advertisers", "category: advertiser")


@pytest.fixture
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without a pipeline and no registry of the gate's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISCLOSURE_GATE_REGISTRY", raising=False)
    with_commands(monkeypatch, "registry:registry")


def folder(tmp_path: Path, *changes: tuple[str, str, str]) -> str:
    """A registry folder with the sample and changes."""
    return str(written(tmp_path / "sample", sample(*changes)))


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What was printed as JSON."""
    loaded = json.loads(capsys.readouterr().out)
    assert isinstance(loaded, dict)
    return loaded


def test_a_sound_registry_is_fine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without findings nothing is printed but the counts, and the exit code is 0, strictly too."""
    assert run(["registry", "check", folder(tmp_path), *AS_OF, "--strict"]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.strip().endswith("as of 2026-11-22: 0 errors, 0 warnings, 0 notes")


def test_an_error_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An error is a line with file, line, code and source, and ends with exit code 1."""
    assert run(["registry", "check", folder(tmp_path, MISSPELT), *AS_OF]) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("recipients.yaml:3: error: acme.category: 'advertiser' is no recipient")
    assert "did you mean 'advertisers'?" in printed.out
    assert "[unknown_recipient_category; 11 CCR 7011(e)(1) (legal 2.2.4, 6.5.4)]" in printed.out
    assert "1 error, 0 warnings" in printed.err


@pytest.mark.parametrize(("words", "expected"), [([], 0), (["--strict"], 1)])
def test_a_warning_fails_only_where_it_is_asked_to(tmp_path: Path, words: list[str], expected: int) -> None:
    """Warnings end with exit code 0, and with 1 under --strict."""
    assert run(["registry", "check", folder(tmp_path, UNCERTIFIED), *AS_OF, *words]) == expected


def test_findings_come_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --json there is one document: the counts and every finding with all it has."""
    place = folder(tmp_path, UNCERTIFIED)
    assert run(["registry", "check", place, *AS_OF, "--within-days", "9", "--json"]) == 0
    assert document(capsys) == {
        "registry": place,
        "as_of": "2026-11-22",
        "within_days": 9,
        "errors": 0,
        "warnings": 1,
        "notes": 0,
        "findings": [
            {
                "severity": "warning",
                "code": "contractor_not_certified",
                "file": "recipients.yaml",
                "line": 21,
                "sentence": "builders has given no certification: it is a third party, not a contractor.",
                "citation": "Civ. Code 1798.140(j)(1)(B) (legal 1.1.7)",
            }
        ],
    }


def test_the_day_and_the_days_ahead_are_those_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A contract that ends within --within-days of --as-of is found, and one further off is not."""
    ending = (
        "recipients.yaml",
        "effective_from: 2025-01-01",
        "effective_from: 2025-01-01, effective_to: 2026-12-01",
    )
    place = folder(tmp_path, ending)
    for day, days, expected in (("2026-11-22", 8, []), ("2026-11-22", 9, ["contract_expiring"])):
        assert run(["registry", "check", place, "--as-of", day, "--within-days", str(days), "--json"]) == 0
        assert [finding["code"] for finding in document(capsys)["findings"]] == expected


@pytest.mark.parametrize("command", ["check", "show"])
def test_a_folder_that_cannot_be_read_is_bad_input(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is no registry ends with exit code 2, on stderr alone."""
    for place in (tmp_path, tmp_path / "nowhere"):
        assert run(["registry", command, str(place)]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "is no registry" in printed.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["check", "--as-of", "tomorrow"], "--as-of takes a day such as 2026-11-22"),
        (["show", "--as-of", "2026-13-01"], "--as-of takes a day"),
        (["check", "--as-of", "9999-12-31"], "--as-of takes a day"),
        (["check", "--within-days", "-1"], "--within-days"),
        (["schema", "notices"], "notice"),
    ],
)
def test_bad_input_is_said_in_words(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be understood ends with exit code 2 and says what was expected."""
    assert run(["registry", *words]) == 2
    printed = capsys.readouterr()
    assert expected in printed.err
    assert printed.out == ""


def test_the_folder_is_the_gates_where_none_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a folder the gate's is checked, and the example registry where that is not set either."""
    assert run(["registry", "check", "--json"]) == 0
    assert document(capsys)["registry"] == str(example_registry())
    monkeypatch.setenv("DISCLOSURE_GATE_REGISTRY", folder(tmp_path))
    assert run(["registry", "check", "--json"]) == 0
    assert document(capsys)["registry"] == str(tmp_path / "sample")


def test_show_tells_roles_and_contracts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each recipient is a row with its role on the day and the state of each contract."""
    assert run(["registry", "show", folder(tmp_path, UNCERTIFIED), *AS_OF]) == 0
    rows = {line.split()[0]: " ".join(line.split()) for line in capsys.readouterr().out.splitlines()}
    assert "Role on 2026-11-22" in rows["Recipient"]
    assert rows["acme"].endswith("advertisers third party third party: in force")
    assert rows["boxes"].endswith("service provider: ended on 2025-12-31; service provider: in force")
    assert rows["crates"].endswith("service provider service provider through boxes: in force")
    assert rows["builders"].endswith("third party contractor: not certified")
    assert rows["sister"].endswith("same business none")


def test_show_as_json_has_the_hash_that_decisions_carry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --json the content hash, the published notices and every contract come as one document."""
    place = folder(tmp_path)
    assert run(["registry", "show", place, *AS_OF, "--json"]) == 0
    shown = document(capsys)
    assert shown["content_hash"] == load_registry(Path(place)).content_hash.hex()
    assert shown["published"] == ["spring"]
    assert shown["recipients"][0] == {
        "id": "acme",
        "name": "Acme Advertising",
        "category": "advertisers",
        "country": "US",
        "affiliate": None,
        "role": "third_party",
        "contracts": [
            {
                "id": "acme/third_party/2025-01-01",
                "type": "third_party",
                "first": "2025-01-01",
                "last": None,
                "through": None,
                "state": "in force",
            }
        ],
    }


def test_show_refuses_a_registry_with_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A registry that does not load is not shown: exit code 2, and the errors with their lines."""
    assert run(["registry", "show", folder(tmp_path, MISSPELT)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "recipients.yaml:3: acme.category" in printed.err


@pytest.mark.parametrize("name", sorted(FORMS))
def test_schema_prints_the_schema(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON Schema of each kind of file is printed, with --json and without."""
    assert run(["registry", "schema", name]) == 0
    assert document(capsys) == json_schema_of(name)
    assert run(["registry", "schema", name, "--json"]) == 0
    assert document(capsys) == json_schema_of(name)
