"""Answers as known at an earlier moment: from the folder and through the door."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from command_line import with_commands
from disclosure_ledger.door.reader import LocalReader
from disclosure_ledger.door.server import Door
from disclosure_ledger.entry import run
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.events.vocabulary import Mode, PreferenceKind
from gate_events import NOW, disclosure, preference, registry, request
from late_news import World

PERSON = uuid.UUID(int=0xA1)
REPORT = request(PERSON, disclosure(mode=Mode.REPORT))
OPT_OUT = preference(PERSON, PreferenceKind.OPT_OUT, of=("sale",), channel="phone")
PERIOD = ("--key", str(PERSON), "--from", "2026-04-01", "--to", "2026-04-30")


class Told:
    """A report that a late opt-out made a notify: `before` and `after` that was recorded."""

    def __init__(self, folder: Path) -> None:
        with World(folder, registry()) as world:
            world.disclose(REPORT)
            world.record()
            self.before = world.now
            world.say(OPT_OUT)
            world.record()
            self.after = world.now


@pytest.fixture(params=["folder", "door"])
def told(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """That ledger in a folder that nobody has open, or behind the door of a recorder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCLOSURE_LEDGER_DIR", str(tmp_path / "ledger"))
    with_commands(monkeypatch, "explain:explain", "to_whom:to_whom")
    made = Told(tmp_path / "ledger")
    if request.param == "door":
        with Ledger.open(tmp_path / "ledger") as opened, Door(opened.path, LocalReader(opened)):
            yield made
        return
    yield made


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """What a command answers, as JSON."""
    capsys.readouterr()
    assert run([*words, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert isinstance(document, dict)
    return document


def grounds(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Outcome and reason of what was sold."""
    (line,) = document["sold_or_shared"]["recipients"]
    return [(ground["outcome"], ground["reason"]["code"]) for ground in line["grounds"]]


def test_an_answer_is_that_of_its_moment(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    """Now the sale is a notify; as known before the opt-out came it was permitted, and the answer says so."""
    assert grounds(answer(capsys, "to-whom", *PERIOD)) == [("notify", "opted_out_of_sale")]
    then = answer(capsys, "to-whom", *PERIOD, "--known-at", told.before.isoformat())
    assert grounds(then) == [("permit", "not_opted_out")]
    assert then["known_at"] == told.before.isoformat().replace("+00:00", "Z")
    assert then["notes"][0].startswith(f"As known at {told.before.isoformat()}")
    assert answer(capsys, "to-whom", *PERIOD)["known_at"] is None


def test_an_explanation_tells_why_it_was_decided_again(
    told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    """First decided so, then otherwise, because of an opt-out that became known later."""
    assert run(["explain", str(REPORT.event_id)]) == 0
    words = capsys.readouterr().out
    assert words.startswith("NOTIFY: the sale disclosure to Harborlight Data Exchange was made within")
    for told_line in ("Decided again", "first decided at", ": permit", "decided again at", ": notify"):
        assert told_line in words
    assert "because of the opt out of 2026-04-06 08:00:00.000-07:00, which became known at" in words
    first, last = answer(capsys, "explain", str(REPORT.event_id))["turns"]
    assert (first["outcome"], first["because"]) == ("permit", [])
    assert (last["outcome"], last["because"][0]["event_id"]) == ("notify", str(OPT_OUT.event_id))

    before = ("explain", str(REPORT.event_id), "--known-at", told.before.isoformat())
    assert answer(capsys, *before)["turns"] == []
    assert run(list(before)) == 0
    words = capsys.readouterr().out
    assert words.startswith("PERMIT")
    assert f"As known at {told.before.isoformat()}" in words
    assert "Decided again" not in words


@pytest.mark.parametrize(
    "command", [("to-whom", *PERIOD), ("explain", str(REPORT.event_id))], ids=lambda c: c[0]
)
@pytest.mark.parametrize(
    ("known_at", "said"),
    [
        ((datetime.now(UTC) + timedelta(days=9)).isoformat(), "is in the future"),
        (NOW.isoformat(), "nothing was known at"),
        ("yesterday", "takes a moment with a time zone"),
    ],
    ids=["future", "before the first record", "no moment"],
)
def test_a_moment_of_which_nothing_can_be_said_is_refused(
    told: Told, capsys: pytest.CaptureFixture[str], command: tuple[str, ...], known_at: str, said: str
) -> None:
    """Exit code 2 and one sentence: what was given, and what to give."""
    assert told.after > told.before
    capsys.readouterr()
    assert run([*command, "--known-at", known_at]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
