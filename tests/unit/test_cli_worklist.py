"""`disclosures worklist`: an item's life on the command line, from the folder and through the door."""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from answer_rows import report
from disclosure_consumers.registry_files import example_registry
from disclosure_ledger.door.reader import LocalReader
from disclosure_ledger.door.server import Door
from disclosure_ledger.entry import run
from disclosure_ledger.store.ledger import Ledger
from worklist_world import OPT_OUT, World, notify


@pytest.fixture(params=["folder", "door"])
def _ledger(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Harborlight is told by file and Copperkite by hand; the folder is free, or behind a recorder's door."""
    registry = tmp_path / "registry"
    shutil.copytree(example_registry(), registry)
    recipients = (registry / "recipients.yaml").read_text()
    channel = "  category: commercial_data_partners\n  notify: {channel: csv}\n"
    (registry / "recipients.yaml").write_text(
        recipients.replace("  category: commercial_data_partners\n", channel, 1)
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCLOSURE_LEDGER_DIR", str(tmp_path / "ledger"))
    monkeypatch.setenv("DISCLOSURE_GATE_REGISTRY", str(registry))
    monkeypatch.setenv("DISCLOSURE_WORKLIST_OUTBOX_DIR", str(tmp_path / "outbox"))
    with ExitStack() as opened:
        ledger = opened.enter_context(Ledger.open(tmp_path / "ledger", create=True))
        World(ledger).record(OPT_OUT, notify(3), notify(4, recipient_id="copperkite"), report(5))
        if request.param == "folder":
            opened.close()
        else:
            opened.enter_context(Door(ledger.path, LocalReader(ledger)))
        yield


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """What a command prints as JSON."""
    assert run(["worklist", *words, "--json"]) == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def by_recipient(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """The items of a list by recipient."""
    return {view["item"]["recipient_id"]: view for view in answer(capsys, "list", *words)["items"]}


@pytest.mark.usefixtures("_ledger")
def test_items_are_listed_sent_and_acknowledged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One goes out by file, the other is told by hand; both are in the counts."""
    listed = by_recipient(capsys)
    assert {name: view["channel"] for name, view in listed.items()} == {
        "harborlight": "csv",
        "copperkite": None,
    }
    assert answer(capsys, "send")["sent"] == 1
    assert len(list((tmp_path / "outbox" / "harborlight").glob("*.csv"))) == 1
    by_hand = listed["copperkite"]["item"]["id"]
    done = answer(capsys, "ack", by_hand, "--note", "by phone, 8 October", "--by", "ann")
    assert done["view"]["item"]["state"] == "acknowledged"

    assert {name: view["item"]["state"] for name, view in by_recipient(capsys).items()} == {
        "harborlight": "sent",
        "copperkite": "acknowledged",
    }
    assert set(by_recipient(capsys, "--state", "sent")) == {"harborlight"}
    assert answer(capsys, "counts")["by_state"]["acknowledged"] == 1
    shown = answer(capsys, "evidence", listed["harborlight"]["item"]["id"])
    assert shown["history"][-1]["evidence"]["place"].endswith(".csv")


@pytest.mark.usefixtures("_ledger")
def test_it_says_in_words_what_it_says_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    """List, counts, story: for people."""
    listed = by_recipient(capsys)["copperkite"]["item"]["id"]
    for words, expected in (
        (["list"], "by hand"),
        (["counts"], "2 open"),
        (["evidence", listed], "copperkite is to be told of: opt out"),
        (["fail", listed, "--note", "closed down"], "failed"),
        (["reopen", listed], "open"),
        (["send"], "1 sent"),
    ):
        assert run(["worklist", *words]) == 0
        assert expected in capsys.readouterr().out


@pytest.mark.usefixtures("_ledger")
def test_what_cannot_be_is_one_clear_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """Unknown items and impossible changes end with exit code 2."""
    listed = by_recipient(capsys)["copperkite"]["item"]["id"]
    for words, expected in (
        (["evidence", "01a204d8-1600-7417-971c-4aae4d542aa4"], "no item"),
        (["reopen", listed], "is open; reopen is for"),
        (["list", "--cursor", "next"], "no cursor"),
    ):
        assert run(["worklist", *words]) == 2
        assert expected in capsys.readouterr().err
