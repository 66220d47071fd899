"""`disclosures replay` and `disclosures what-if`: what they print and how they end; the log is in memory."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree
from typing import Any
from uuid import UUID

import pytest

from command_line import with_commands
from disclosure_consumers.core.registry import Registry
from disclosure_consumers.memory import MemoryLog
from disclosure_consumers.registry_files import example_registry
from disclosure_consumers.replay.what_if import COLUMNS
from disclosure_ledger.cli import log_again
from disclosure_ledger.entry import run
from gate_events import DECISIONS, World, disclosure, registry, request
from replay_doubles import session_of

ALICE = UUID(int=11)
PUBLISHED = "massmutual_workforce_2022"
HASH = registry(PUBLISHED).content_hash.hex()
"""The example registry as it is published."""


@pytest.fixture(autouse=True)
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MemoryLog:
    """A log with two decisions by the example registry, as the broker's; no settings of a gate."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISCLOSURE_GATE_REGISTRY", raising=False)
    with_commands(monkeypatch, "replay:replay", "what_if:what_if")
    world = World(published=(PUBLISHED,))
    world.ask(request(ALICE))
    world.ask(request(ALICE, disclosure(items=("customer_records",))))
    world.gate().step()

    @contextmanager
    def in_memory(chosen: Registry) -> Iterator[Any]:
        session = session_of(world.log, {(DECISIONS, 1): 0})
        yield session, session.open(chosen.policy)

    monkeypatch.setattr(log_again, "broker_log", in_memory)
    return world.log


def printed(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    """What a command prints that ends with this code."""
    capsys.readouterr()
    assert run(list(words)) == code
    return capsys.readouterr().out


def test_replay_ends_with_the_counts(capsys: pytest.CaptureFixture[str]) -> None:
    """All identical: the counts are all there is to say, and the exit code is 0."""
    assert printed(capsys, "replay") == "2 decisions replayed, 2 identical, 0 different\n"
    assert printed(capsys, "replay", "--limit", "1") == "1 decision replayed, 1 identical, 0 different\n"
    document = json.loads(printed(capsys, "replay", "--json"))
    assert document == {
        "schema": "disclosure-ledger/replay/1",
        "registry_hash": HASH,
        "rule_version": document["rule_version"],
        "replayed": 2,
        "identical": 2,
        "different": 0,
        "other_registry": 0,
        "other_rules": 0,
        "no_history": 0,
        "unreadable": 0,
        "obstacles": {},
        "listed": [],
        "notes": [],
    }


def test_replay_fails_when_something_differs(log: MemoryLog, capsys: pytest.CaptureFixture[str]) -> None:
    """What differs or cannot be read is listed above the counts, and the exit code is 1."""
    log.append(DECISIONS, 1, ALICE.bytes, b"garbage")
    lines = printed(capsys, "replay", code=1).splitlines()

    assert lines[0].startswith("UNREADABLE partition 1, offset 0: the value has no Avro framing")
    assert lines[-1] == "2 decisions replayed, 2 identical, 0 different"
    document = json.loads(printed(capsys, "replay", "--json", code=1))
    assert [entry["comparison"] for entry in document["listed"]] == ["unreadable"]


def test_replay_with_another_registry_compares_nothing_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that did not decide these decisions is told apart by its hash; that is no failure."""
    other = tmp_path / "other"
    copytree(example_registry(), other)
    policy = other / "policy.yaml"
    policy.write_text(policy.read_text().replace("toggles: {}", "toggles: {us_wide_gpc: false}"))
    lines = printed(capsys, "replay", "--registry", str(other)).splitlines()

    assert lines[0].startswith(f"2 decisions were made by the registry {HASH[:12]}, not by this one")
    assert lines[-1] == "0 decisions replayed, 0 identical, 0 different"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["replay", "--since", "yesterday"], "--since takes a moment"),
        (["replay", "--until", "2026-11-20T10:00:00"], "--until takes a moment"),
        (["replay", "--limit", "0"], "--limit"),
        (["replay", "--permit-ttl", "0"], "--permit-ttl"),
        (["replay", "--registry", "nowhere"], "is no registry"),
        (["what-if"], "--registry"),
        (["what-if", "--registry", str(example_registry()), "--csv", "no/such/folder.csv"], "--csv"),
        (["what-if", "--registry", "nowhere"], "is no registry"),
        (["what-if", "--registry", str(example_registry()), "--notice", "neutrall"], "neutral"),
    ],
)
def test_bad_input_is_said_in_words(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be meant ends with exit code 2 and a line that says what was expected."""
    assert run(words) == 2
    assert expected in capsys.readouterr().err


def test_what_if_shows_the_changes_and_the_totals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Under a notice that declares everything the refused item goes; table, JSON and CSV say the same."""
    words = ("what-if", "--registry", str(example_registry()), "--notice", "neutral")
    text = printed(capsys, *words)

    assert "customer records  reject, sale: undeclared_kind  permit, sale: not_opted_out" in text
    assert "1 would have been permitted" in text
    assert text.splitlines()[-1] == "1 unchanged"
    document = json.loads(printed(capsys, *words, "--json", "--csv", "changes.csv"))
    assert (document["decisions"], document["would_be_permitted"], document["unchanged"]) == (2, 1, 1)
    (change,) = document["changes"]
    assert list(change) == list(COLUMNS)
    with (tmp_path / "changes.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row == {**{key: str(value) for key, value in change.items()}, "examples": change["examples"][0]}


def test_what_if_with_the_same_registry_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Tried with the registry that decided, no table is shown and all is unchanged."""
    lines = printed(capsys, "what-if", "--registry", str(example_registry())).splitlines()

    assert lines == [
        f"2 decisions decided again by the registry {HASH[:12]}",
        "0 would have been stopped",
        "0 would have been permitted",
        "0 would have come out the same way, but as another kind or for another reason",
        "2 unchanged",
    ]
