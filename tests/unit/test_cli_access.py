"""`disclosures access`: keys made, listed and revoked, logins printed, bad input refused."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from disclosure_ledger.access.errors import CredentialsRefusedError
from disclosure_ledger.access.key_store import KeyStore
from disclosure_ledger.access.roles import Role
from disclosure_ledger.entry import run


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger's folder that is not there yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCLOSURE_LEDGER_DIR", str(tmp_path / "ledger"))
    monkeypatch.delenv("DISCLOSURE_API_PORT", raising=False)
    monkeypatch.delenv("DISCLOSURE_API_PUBLIC_URL", raising=False)
    return tmp_path / "ledger"


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """What a command prints as JSON."""
    assert run(["access", *words, "--json"]) == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def test_a_key_is_made_listed_without_its_secret_and_revoked(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    """It works with its roles and for its days; the list never has it; revoked it works no more."""
    made = answer(capsys, "create-key", "crm", "--role", "emitter", "--role", "analyst", "--days", "30")
    now = datetime.now(UTC)
    with KeyStore(folder) as store:
        assert store.principal(made["key"], now).roles == {Role.EMITTER, Role.ANALYST}
        with pytest.raises(CredentialsRefusedError):
            store.principal(made["key"], now + timedelta(days=30, minutes=1))
        (listed,) = answer(capsys, "list-keys")
        assert (listed["id"], listed["name"], listed["valid"]) == (made["id"], "crm", True)
        assert run(["access", "list-keys"]) == 0
        shown = capsys.readouterr().out
        assert made["id"] in shown
        assert made["key"][-43:] not in shown + json.dumps(listed)
        answer(capsys, "revoke-key", made["id"])
        with pytest.raises(CredentialsRefusedError):
            store.principal(made["key"], now)
    assert run(["access", "list-keys"]) == 0
    assert "revoked" in capsys.readouterr().out


def test_a_key_is_printed_alone_so_that_a_shell_can_take_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json the key is the one line on standard output."""
    assert run(["access", "create-key", "crm", "--role", "emitter"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("dlk_")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["create-key", "crm"], "role"),
        (["create-key", "crm", "--role", "owner"], "owner"),
        (["create-key", "a@example.com", "--role", "emitter"], "name of a key"),
        (["create-key", "crm", "--role", "emitter", "--days", "0"], "--days"),
        (["revoke-key", "0" * 12], "list-keys"),
    ],
)
def test_bad_input_is_one_clear_sentence(
    capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    """Exit code 2, and what to do instead; nothing is made."""
    assert run(["access", *words]) == 2
    assert told in capsys.readouterr().err
    assert answer(capsys, "list-keys") == []


def test_a_login_is_an_address_where_one_is_known_and_works_once(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an API's address the login itself is printed; with one a link that browsers open."""
    assert run(["access", "login", "--name", "ann"]) == 0
    text = capsys.readouterr().out.strip()
    with KeyStore(folder) as store:
        assert store.use_login(text, datetime.now(UTC)).roles == {Role.ANALYST}
        with pytest.raises(CredentialsRefusedError):
            store.use_login(text, datetime.now(UTC))
    monkeypatch.setenv("DISCLOSURE_API_PUBLIC_URL", "https://ledger.example/")
    made = answer(capsys, "login", "--role", "auditor")
    assert made["address"] == f"https://ledger.example/sign-in?login={made['login']}"
