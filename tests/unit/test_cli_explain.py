"""`disclosures explain`: from the folder and through the door, in words and as JSON; ids nobody knows."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from answer_rows import PERSON, batch_of, event_id, report, row
from command_line import with_commands
from disclosure_consumers.core.telling.explanation import Relation
from disclosure_ledger.answers.explaining import explained_from_json, explained_to_json
from disclosure_ledger.answers.rendering import UnreadableAnswerError
from disclosure_ledger.decoding import Records
from disclosure_ledger.door.reader import LocalReader
from disclosure_ledger.door.server import Door
from disclosure_ledger.entry import run
from disclosure_ledger.recorder_batches import BatchMaker
from disclosure_ledger.recorder_source import Received
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.events.vocabulary import PreferenceKind
from disclosure_schemas.topics import IDENTITIES, PREFERENCES
from gate_events import IDENTITY_CODEC, PREFERENCE_CODEC, link, preference
from recorder_samples import CODECS

OPT_OUT = preference(PERSON, PreferenceKind.OPT_OUT, event_id=event_id(900), of=("sale",))
LINK = link(uuid.UUID(int=5), PERSON, event_id=event_id(901))
ASKED, SUPPRESSED, REPORTED, CORRECTION, RETRACTION = (event_id(number) for number in (1, 2, 3, 4, 5))
NEVER_SENT, TO_COME = event_id(0), new_event_id(4_000_000_000_000)
ROWS = [
    row(1),
    row(2, outcome="suppress", reason="opted_out_of_sale", preference_event_ids=(OPT_OUT.event_id,)),
    report(3, decision_event_id=ASKED),
    report(4, corrects_event_id=REPORTED, flags=("corrected",)),
    report(5, retracts_event_id=REPORTED, outcome="retracted", reason="retracted"),
    report(6, corrects_event_id=event_id(12_345)),
]


def record(ledger: Ledger) -> None:
    """Record decisions, a repeat and a collision, a preference and a link."""
    ledger.record_batch(batch_of(ROWS))
    again = replace(ROWS[0], decided_offset=50, request_offset=50)
    other = replace(
        ROWS[0], decided_offset=51, request_offset=51, disclosure=row(9, purpose="research").disclosure
    )
    ledger.record_batch(batch_of([again, other]))
    for topic, codec, event in ((PREFERENCES, PREFERENCE_CODEC, OPT_OUT), (IDENTITIES, IDENTITY_CODEC, LINK)):
        records = Records()
        records.append(0, 0, event.subject_key.bytes, codec.encode(event))  # type: ignore[arg-type]
        received = Received({topic.name: records}, {(topic.name, 0): 1})
        ledger.record_batch(BatchMaker(CODECS).batch(received, ROWS[0].recorded_at))


@pytest.fixture(params=["folder", "door"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A ledger in a folder that nobody has open, or behind the door of a recorder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCLOSURE_LEDGER_DIR", str(tmp_path / "ledger"))
    with_commands(monkeypatch, "explain:explain")
    with Ledger.open(tmp_path / "ledger", create=True) as opened:
        record(opened)
        if request.param == "door":
            with Door(opened.path, LocalReader(opened)):
                yield opened.path
            return
    yield tmp_path / "ledger"


def answer(capsys: pytest.CaptureFixture[str], wanted: object) -> dict[str, Any]:
    """The explanation of an event as JSON."""
    capsys.readouterr()
    assert run(["explain", str(wanted), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert isinstance(document, dict)
    return document


def relations(document: dict[str, Any]) -> dict[str, str]:
    """Other decisions by what they are to the one explained."""
    return {other["relation"]: other["event_id"] for other in document["others"]}


@pytest.mark.usefixtures("ledger")
def test_a_decision_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    """Headline, reason and sections stand in the order in which they are read."""
    assert run(["explain", str(SUPPRESSED)]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "SUPPRESS: the sale disclosure to Harborlight Data Exchange must not be made."
    assert lines[1].endswith("[Civ. Code 1798.120(d)] (opted_out_of_sale)")
    assert lines[2] == f"event {SUPPRESSED}"
    assert [line for line in lines if line and not line.startswith(" ")][3:] == [
        "What was asked",
        "To whom",
        "What kind of disclosure",
        "Step by step",
        "What the person said",
        "Decided with",
    ]
    assert "   9 opt-outs: STOPPED IT" in lines
    assert any(line.strip().startswith("opt out of sale by web form at 2026-04-06") for line in lines)


@pytest.mark.usefixtures("ledger")
def test_json_has_the_same_as_a_structure(capsys: pytest.CaptureFixture[str]) -> None:
    """The document has a version, every step, and the preferences with what the ledger knows of them."""
    document = answer(capsys, SUPPRESSED)

    assert document["schema"] == "disclosure-ledger/explain/1"
    assert (document["event_id"], document["subject_key"]) == (str(SUPPRESSED), str(PERSON))
    assert [step["result"] for step in document["steps"]] == [
        *["did_not_stop_it"] * 8,
        "decided",
        *["not_reached"] * 3,
    ]
    (named,) = document["preferences"]
    assert (named["kind"], named["of"], named["channel"]) == ("opt_out", ["sale"], "web_form")
    assert (document["made_with"]["decided_partition"], document["made_with"]["decided_offset"]) == (0, 2)


@pytest.mark.usefixtures("ledger")
def test_what_came_before_and_after_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Repeats, collisions, reports, corrections and retractions are found from both of their ends."""
    assert relations(answer(capsys, ASKED)) == {
        Relation.REPEATS: str(ASKED),
        Relation.COLLIDES: str(ASKED),
        Relation.REPORTS: str(REPORTED),
    }
    assert relations(answer(capsys, REPORTED)) == {
        Relation.CORRECTS: str(CORRECTION),
        Relation.RETRACTS: str(RETRACTION),
        Relation.ASKED: str(ASKED),
    }
    assert relations(answer(capsys, CORRECTION)) == {Relation.CORRECTED: str(REPORTED)}
    assert relations(answer(capsys, RETRACTION)) == {Relation.RETRACTED: str(REPORTED)}
    (missing,) = answer(capsys, event_id(6))["others"]
    assert (missing["event_id"], missing["outcome"]) == (str(event_id(12_345)), None)


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("a@example.com", "an event id is a UUID"),
        ("", "an event id is a UUID"),
        (NEVER_SENT, "though the ledger has newer ones"),
        (TO_COME, "no decision is recorded about"),
        (TO_COME, "yet: the event was made at 2096-10-02T07:06:40+00:00, and the ledger is not so far"),
        (uuid.UUID("c9bf9e57-1685-4c89-bafb-ff5af830be8a"), "this one is of version 4"),
        (OPT_OUT.event_id, "is the id of a preference"),
        (LINK.event_id, "is the id of an identity link"),
    ],
)
def test_an_id_without_a_decision_says_why(
    wanted: object, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No id, one nobody sent, one not recorded yet, another record's: exit code 2 and a text of its own."""
    assert run(["explain", str(wanted)]) == 2

    printed = capsys.readouterr()
    assert expected in printed.err
    assert "example.com" not in printed.err
    assert printed.out == ""


def test_an_empty_ledger_is_not_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nothing is recorded at all, no event is there yet."""
    monkeypatch.setenv("DISCLOSURE_LEDGER_DIR", str(tmp_path))
    with_commands(monkeypatch, "explain:explain")
    Ledger.open(tmp_path, create=True).close()

    assert run(["explain", str(ASKED)]) == 2
    assert "it has none at all" in capsys.readouterr().err


def test_without_a_ledger_there_is_nobody_to_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder without a ledger ends with exit code 3, as every question does."""
    monkeypatch.setenv("DISCLOSURE_LEDGER_DIR", str(tmp_path / "none"))
    with_commands(monkeypatch, "explain:explain")

    assert run(["explain", str(ASKED)]) == 3
    assert "there is no ledger" in capsys.readouterr().err


@pytest.mark.parametrize("change", [{"schema": "disclosure-ledger/explain/2"}, {"schema": None}, {"more": 1}])
def test_json_of_another_form_is_refused(change: dict[str, object], tmp_path: Path) -> None:
    """An explanation of another version is a typed error and never half read."""
    with Ledger.open(tmp_path, create=True) as opened:
        record(opened)
        data = explained_to_json(LocalReader(opened).explain(SUPPRESSED))

    assert explained_from_json(data).explanation is not None
    with pytest.raises(UnreadableAnswerError, match="same version"):
        explained_from_json({**data, **change})
