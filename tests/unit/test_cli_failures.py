"""From a failure to its text and exit code."""

import importlib
from typing import NoReturn

import pytest
from pydantic import BaseModel, ValidationError

from disclosure_ledger import entry
from disclosure_ledger.brokers.local import BrokerNotInstalledError
from disclosure_ledger.cli import failures
from disclosure_ledger.demo.errors import DemoError
from disclosure_ledger.door.errors import DoorAnswerError, DoorRefusedError
from disclosure_schemas.errors import DisclosureError


class _Settings(BaseModel):
    secret: int


def _validation_error() -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        _Settings.model_validate({"secret": "sesame"})
    return caught.value


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (failures.CheckFailedError("not balanced"), 1),
        (DisclosureError("bad input"), 2),
        (_validation_error(), 2),
        (DoorAnswerError("away", type_="x", status=503), 3),
        (DoorRefusedError("no such item", type_="x", status=400), 2),
        (BrokerNotInstalledError("The broker", ["mvn"], "Install it."), 3),
        (DemoError("no answer"), 3),
        (KeyboardInterrupt(), 130),
        (RuntimeError("a fault"), 70),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_kind_of_failure_has_its_exit_code(error: BaseException, code: int) -> None:
    """Scripts can tell a failed check, bad input, an absent broker, Ctrl-C and a fault apart."""
    assert failures.exit_code_of(error) == code


def test_ctrl_c_within_a_c_library_is_still_ctrl_c() -> None:
    """A KeyboardInterrupt that comes out as the cause of a SystemError is told as an interruption."""
    error = SystemError("returned a result with an exception set")
    error.__cause__ = KeyboardInterrupt()
    assert failures.exit_code_of(error) == 130
    assert failures.text_of(error) == "interrupted"


@pytest.mark.parametrize("name", sorted(failures.UNREACHABLE_ERRORS))
def test_errors_named_by_text_exist(name: str) -> None:
    """Each error that is named by text, so as not to load its module, is there."""
    module, _, attribute = name.rpartition(".")
    assert issubclass(getattr(importlib.import_module(module), attribute), Exception)


def test_a_wrong_setting_is_named_and_its_value_is_not() -> None:
    """A value that does not fit a setting may be a secret: the text names the field alone."""
    text = failures.text_of(_validation_error())
    assert "secret" in text
    assert "sesame" not in text


def test_a_fault_has_one_line_and_what_to_do() -> None:
    """An unexpected exception is one line that says how to get the traceback."""
    text = failures.text_of(ZeroDivisionError("division by zero"))
    assert "\n" not in text
    assert "--verbose" in text


@pytest.fixture
def _broken_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_: object) -> NoReturn:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("disclosure_ledger.pipeline.state_file.read", fails)
    monkeypatch.setattr("disclosure_ledger.pipeline.run_lock.stop", lambda *_: fails())
    monkeypatch.delenv("DISCLOSURE_DEBUG", raising=False)


@pytest.mark.usefixtures("_broken_command")
def test_a_traceback_is_shown_only_when_wanted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault prints its traceback with --verbose or DISCLOSURE_DEBUG=1, and not otherwise."""
    assert entry.run(["down"]) == 70
    assert "Traceback" not in capsys.readouterr().err
    assert entry.run(["down", "--verbose"]) == 70
    assert "Traceback" in capsys.readouterr().err
    monkeypatch.setenv("DISCLOSURE_DEBUG", "1")
    assert entry.run(["down"]) == 70
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("missing", "extra"), [("duckdb", "ledger"), ("cyclopts.core", "ledger"), ("noida_db", "embedded")]
)
def test_a_missing_library_is_named_with_its_extra(
    missing: str, extra: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a library of an extra the command says which extra to install; exit code 2."""

    def run_command_line(_: object) -> NoReturn:
        cause = ModuleNotFoundError(f"No module named {missing!r}", name=missing)
        raise ImportError("cannot import the command") from cause

    monkeypatch.setattr("disclosure_ledger.cli.app.run_command_line", run_command_line)
    assert entry.run(["audit"]) == 2
    printed = capsys.readouterr().err
    assert f'pip install "disclosure-ledger[{extra}]"' in printed
    assert missing.partition(".")[0] in printed


def test_a_missing_module_of_our_own_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module of this product that is missing is not blamed on an extra."""

    def run_command_line(_: object) -> NoReturn:
        raise ModuleNotFoundError("No module named 'disclosure_ledger.x'", name="disclosure_ledger.x")

    monkeypatch.setattr("disclosure_ledger.cli.app.run_command_line", run_command_line)
    with pytest.raises(ModuleNotFoundError):
        entry.run(["audit"])
