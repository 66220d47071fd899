"""`disclosures requests`: a request's life on the command line, what is refused, figures in every form."""

import json
from pathlib import Path
from typing import Any

import pytest

from disclosure_ledger.entry import run
from disclosure_ledger.store.ledger import Ledger

SECRET = "5c" * 32


@pytest.fixture(autouse=True)
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty ledger in a folder without a pipeline."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCLOSURE_LEDGER_DIR", str(tmp_path / "ledger"))
    monkeypatch.setenv("DISCLOSURE_SUBJECT_SECRET", SECRET)
    monkeypatch.delenv("DISCLOSURE_GATE_REGISTRY", raising=False)
    Ledger.open(tmp_path / "ledger", create=True).close()


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """What a command prints as JSON."""
    assert run(["requests", *words, "--json"]) == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command says that was refused with exit code 2."""
    assert run(["requests", *words]) == 2
    return capsys.readouterr().err


def test_the_life_of_a_request(capsys: pytest.CaptureFixture[str]) -> None:
    """Entered, confirmed, verified, extended, answered; the identifier is nowhere."""
    added = answer(capsys, "add", "know", "--email", "a@example.com", "--manner", "in-person", "--by", "ann")
    request_id = added["view"]["request"]["id"]
    answer(capsys, "confirm", request_id)
    answer(capsys, "verify", request_id, "--degree", "reasonably-high")
    answer(capsys, "extend", request_id, "--reason", "many systems")
    done = answer(capsys, "answer", request_id, "--in-part", "--basis", "exempt", "--note", "medical parts")

    assert done["view"]["status"] == "closed"
    assert [event["change"] for event in done["history"]] == [
        *("received", "confirmed", "verified", "extended", "answered")
    ]
    assert "example.com" not in json.dumps(done)
    assert answer(capsys, "list", "--status", "closed")["requests"][0]["request"]["id"] == request_id
    assert run(["requests", "show", request_id]) == 0
    assert "complied_in_part" in capsys.readouterr().out
    assert run(["requests", "list", "--nature", "know"]) == 0
    assert request_id in capsys.readouterr().out


def test_bad_input_is_one_clear_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody, two people, an unknown id, an impossible basis, a short retention."""
    assert "exactly one person" in refused(capsys, "add", "know", "--manner", "phone")
    two = ("add", "know", "--manner", "phone", "--email", "a@example.com", "--email", "b@example.com")
    assert "exactly one person" in refused(capsys, *two)
    assert "there is no request" in refused(capsys, "show", "01a204d8-1600-7417-971c-4aae4d542aa4")
    opt_out = answer(capsys, "add", "opt-out", "--account", "7", "--manner", "mail")["view"]["request"]["id"]
    assert "no basis for denying" in refused(capsys, "deny", opt_out, "--basis", "unverifiable")
    assert "at least 24 months" in refused(capsys, "purge", "--older-than-months", "12")
    assert "takes a moment" in refused(capsys, "confirm", opt_out, "--at", "yesterday")


def test_opt_outs_by_mail_must_reach_the_gate_too(capsys: pytest.CaptureFixture[str]) -> None:
    """The register stops nothing, and says so."""
    assert run(["requests", "add", "opt-out", "--account", "7", "--manner", "mail"]) == 0
    assert "the register stops nothing" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_figures_go_into_a_file(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every form can be written, and a folder that is not there is named."""
    answer(
        capsys, "add", "know", "--account", "7", "--manner", "mail", "--received", "2025-05-05T10:00-08:00"
    )
    words = ("metrics", "--year", "2025", "--form", form)
    assert run(["requests", *words, "--output", str(tmp_path / "figures")]) == 0
    text = (tmp_path / "figures").read_text()
    expected = {"text": "Requests to know: received 1,", "csv": "2025,know,1,0,", "json": '"received": 1'}
    assert expected[form] in text
    assert "cannot be written" in refused(capsys, *words, "--output", str(tmp_path / "none" / "figures"))


def test_figures_and_purge_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    """The table has the five natures; a purge says how many."""
    assert run(["requests", "metrics", "--year", "2025"]) == 0
    out = capsys.readouterr().out
    assert "Requests to opt out of sale or sharing" in out
    assert "2026-07-01" in out
    assert run(["requests", "purge", "--older-than-months", "24", "--dry-run"]) == 0
    assert "0 requests closed before" in capsys.readouterr().out


def test_without_a_ledger_the_exit_code_is_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A ledger that is not there cannot be reached."""
    monkeypatch.setenv("DISCLOSURE_LEDGER_DIR", str(tmp_path / "elsewhere"))
    assert run(["requests", "list"]) == 3
    assert "there is no ledger" in capsys.readouterr().err
