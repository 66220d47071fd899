"""The command line: what it takes, what it prints, how it ends."""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App

from disclosure_ledger.cli.app import COMMANDS, build_app, run_command_line
from disclosure_ledger.entry import run
from disclosure_schemas.subject_keys import IdentifierType, subject_key
from disclosure_schemas.topics import TOPICS

SECRET = "5e" * 32
NOBODY_LISTENS = "127.0.0.1:9"


@pytest.fixture(autouse=True)
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without a pipeline, a secret, a ledger that is not there and a broker that is away."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCLOSURE_SUBJECT_SECRET", SECRET)
    monkeypatch.setenv("DISCLOSURE_KAFKA_BOOTSTRAP", NOBODY_LISTENS)
    monkeypatch.setenv("DISCLOSURE_LEDGER_DIR", str(tmp_path / "no-ledger"))
    monkeypatch.setenv("DISCLOSURE_PRODUCER_OUTBOX_DIR", str(tmp_path / "outbox"))
    monkeypatch.setenv("DISCLOSURE_PRODUCER_OUTBOX_AFTER_MS", "50")
    monkeypatch.setenv("DISCLOSURE_PRODUCER_CLOSE_TIMEOUT_S", "0.1")
    monkeypatch.delenv("DISCLOSURE_DEBUG", raising=False)


def commands(app: App, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Words of every command, groups of commands among them."""
    names = [name for name in app if not name.startswith("-")]
    if words:
        yield words
    for name in names:
        yield from commands(app[name], (*words, name))


ALL_COMMANDS = list(commands(build_app()))
GROUPS = {words[:-1] for words in ALL_COMMANDS}
DOING_COMMANDS = [words for words in ALL_COMMANDS if words not in GROUPS]


@pytest.mark.parametrize("words", ALL_COMMANDS, ids=" ".join)
def test_every_command_explains_itself(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """The help of each command begins, below its usage, with a sentence, and ends with exit code 0."""
    assert run([*words, "--help"]) == 0
    usage, _, rest = capsys.readouterr().out.partition("\n\n")
    assert usage.startswith(f"Usage: disclosures {' '.join(words)}")
    sentence = rest.partition("╭")[0].strip()
    assert sentence[0].isupper()
    assert ". " in sentence or sentence.endswith((".", "!", "?"))


@pytest.mark.parametrize("words", DOING_COMMANDS, ids=" ".join)
def test_every_command_that_does_something_prints_json(words: tuple[str, ...]) -> None:
    """Each command that is no mere group of commands takes --json."""
    app = build_app()
    for word in words:
        app = app[word]
    names = {name for argument in app.assemble_argument_collection() for name in argument.names}
    assert "--json" in names


def test_the_overview_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Without words the command line prints all commands, and that is fine."""
    assert run([]) == 0
    shown = capsys.readouterr().out
    assert [words[0] for words in ALL_COMMANDS if words[0] not in shown] == []


def test_subject_key_is_the_key_of_the_sdk(capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints the key that the vocabulary makes, whatever the spelling."""
    assert run(["subject-key", "--email", " A@Example.com"]) == 0
    expected = subject_key(bytes.fromhex(SECRET), IdentifierType.EMAIL, "a@example.com")
    assert capsys.readouterr().out == f"{expected}\n"


def test_subject_key_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json the key and what it stands for come as one document."""
    assert run(["subject-key", "--device", "abc", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    expected = subject_key(bytes.fromhex(SECRET), IdentifierType.DEVICE, "abc")
    assert document == {"subject_key": str(expected), "subject_type": "device"}


def test_without_a_secret_the_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing secret is bad input: exit code 2 and the name of the variable."""
    monkeypatch.delenv("DISCLOSURE_SUBJECT_SECRET")
    assert run(["subject-key", "--email", "a@example.com"]) == 2
    assert "DISCLOSURE_SUBJECT_SECRET" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["subject-key", "--email", "no address"], "an e-mail address was expected"),
        (["subject-key", "--email", "a@b.co", "--phone", "+14155550123"], "exactly one person"),
        (["subject-key"], "exactly one person"),
        (["to-whom"], "no person was named"),
        (["to-whom", "--email", "a@b.co", "--last", "soon"], "a period is a number"),
        (["to-whom", "--key", "no key"], "--key"),
        (["link", "--email", "a@b.co"], "exactly two identifiers, got 1"),
        (["prefer", "shout", "--email", "a@b.co"], "opt-out"),
        (["prefer", "opt-out", "--email", "a@b.co", "--band", "adult"], "not band"),
        (["prefer", "gpc", "--email", "a@b.co", "--phone", "+14155550123"], "one --device"),
        (["disclose", "--email", "a@b.co", "--to", "x", "--kind", "gift", "--item", "identifiers"], "gift"),
        (["disclose", "--email", "a@b.co", "--to", "x", "--kind", "sale"], "--item"),
        (
            ["disclose", "--email", "a@b.co", "--to", "x", "--kind", "sale", "--item", "i", "--report"],
            "--occurred-at",
        ),
        (["up", "--gates", "0"], "--gates"),
        (["up", "--gates", "2"], "embedded broker serves at most 1"),
        (["up", "--print-env"], "pipeline.env cannot be read"),
        (["demo", "--events", "3"], "--events"),
        (["frobnicate"], "frobnicate"),
        (["audit", "--wait", "-1"], "--wait"),
        (["topics", "destroy"], "destroy"),
    ],
)
def test_bad_input_is_said_in_words(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bad input ends with exit code 2 and says on stderr what is wrong; no traceback, nothing on stdout."""
    assert run(words) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("disclosures: ")
    assert expected in printed.err
    assert "Traceback" not in printed.err
    assert "a@b.co" not in printed.err
    assert printed.out == ""


@pytest.mark.parametrize("moment", ["yesterday", "2026-11-20T10:00:00", ""])
def test_a_moment_needs_a_time_zone(moment: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A moment that nobody can place is refused before anything is sent."""
    words = ["disclose", "--email", "a@b.co", "--to", "x", "--kind", "sale", "--item", "identifiers"]
    assert run([*words, "--report", "--occurred-at", moment]) == 2
    assert "time zone" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["topics", "describe"],
        ["dead-letters", "list"],
        ["to-whom", "--email", "a@b.co"],
        ["audit"],
        [
            *("disclose", "--email", "a@b.co", "--to", "harborlight", "--kind", "sale"),
            *("--item", "identifiers", "--wait-decision"),
        ],
    ],
    ids=lambda words: words[0],
)
def test_what_cannot_be_reached_has_its_own_exit_code(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without broker or ledger a question ends with exit code 3 and a text that says what to do."""
    monkeypatch.setattr("disclosure_consumers.kafka.topic_admin.WAIT_S", 0.5)
    monkeypatch.setattr("disclosure_consumers.kafka.control_log.REQUEST_TIMEOUT_S", 0.5)
    monkeypatch.setattr("disclosure_ledger.pipeline.decision_watch.ANSWER_WAIT_S", 0.5)
    assert run(words) == 3
    assert capsys.readouterr().err.startswith("disclosures: ")


def test_an_event_for_a_broker_that_is_away_is_stored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a broker an opt-out is not lost: it is in the outbox, and the command says so and is fine."""
    assert run(["prefer", "opt-out", "--email", "a@example.com", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["delivered"] is False
    assert document["topic"] == "privacy.preferences"
    assert uuid.UUID(document["event_id"]).version == 7
    assert list((tmp_path / "outbox").iterdir())


def test_version_names_every_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """The version command prints the fingerprint of each record's schema and the rule version."""
    assert run(["version", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {entry["record"] for entry in document["schemas"]} == {topic.record for topic in TOPICS}
    assert all(len(bytes.fromhex(entry["fingerprint"])) == 8 for entry in document["schemas"])
    assert set(document) == {"product", "rule_version", "schemas", "libraries"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_commands_and_options(shell: str) -> None:
    """The completion script of each shell has the commands, their options and their choices."""
    script = build_app().generate_completion(prog_name="disclosures", shell=shell)  # type: ignore[arg-type]
    for word in ("to-whom", "dead-letters", "replay", "wait-decision", "embedded", "opt-in-confirm"):
        assert word in script, word


def test_completion_is_installed_for_a_shell(tmp_path: Path) -> None:
    """`--install-completion` writes a script below the home folder and says where."""
    done = subprocess.run(
        [sys.executable, "-m", "disclosure_ledger.entry", "--install-completion", "--shell", "bash"],
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "SHELL": "/bin/bash"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    scripts = [path for path in tmp_path.rglob("*") if path.is_file() and "to-whom" in path.read_text()]
    assert scripts


def test_printing_a_key_loads_neither_kafka_nor_database() -> None:
    """A quick command stays quick: it loads no Kafka client, no DuckDB, no web framework."""
    code = (
        "import sys; from disclosure_ledger.entry import run; "
        "run(['subject-key', '--email', 'a@example.com']); "
        "print(sorted({'duckdb', 'confluent_kafka', 'litestar', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_settings_of_a_pipeline_are_printed_for_the_shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`up --print-env` prints the lines of the folder's pipeline.env, or the same as JSON."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "pipeline.env").write_text("export DISCLOSURE_KAFKA_BOOTSTRAP=127.0.0.1:1\n")
    assert run(["up", "--dir", "mine", "--print-env"]) == 0
    assert capsys.readouterr().out == "export DISCLOSURE_KAFKA_BOOTSTRAP=127.0.0.1:1\n"
    assert run(["up", "--dir", "mine", "--print-env", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"DISCLOSURE_KAFKA_BOOTSTRAP": "127.0.0.1:1"}


def test_down_without_a_pipeline_is_fine(capsys: pytest.CaptureFixture[str]) -> None:
    """Stopping what does not run is no error."""
    assert run(["down"]) == 0
    assert "nothing runs" in capsys.readouterr().out


def test_the_overview_says_what_each_command_does(capsys: pytest.CaptureFixture[str]) -> None:
    """A newcomer who types the bare name, or asks for help, reads a sentence beside each command."""
    assert run_command_line(["--help"]) == 0

    lines = capsys.readouterr().out.splitlines()
    for name, *_ in COMMANDS:
        (line,) = (line for line in lines if line.startswith(f"│ {name} "))
        assert len(line.strip("│ ").removeprefix(name).split()) >= 4
