"""Recorders killed while they decide reports again."""

import pickle
import random
import signal
import subprocess
import sys
import threading
import uuid
from datetime import timedelta
from pathlib import Path

import late_news_child
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.vocabulary import Mode, PreferenceKind
from gate_events import NOW, disclosure, preference, registry, request
from late_news import World

PERSONS = [uuid.UUID(int=0xA000 + number) for number in range(30)]
KILLS, WAIT_S = 5, 60.0


def told(folder: Path) -> tuple[World, list[DisclosureRequested]]:
    """Five reports about each person; then each has opted out before, and half of them once more."""
    world = World(folder, registry())
    reports = [
        request(
            person,
            disclosure(mode=Mode.REPORT),
            occurred_at=NOW + timedelta(minutes=number),
            emitted_at=NOW + timedelta(minutes=number),
        )
        for number in range(5)
        for person in PERSONS
    ]
    world.disclose(*reports)
    for person in PERSONS:
        world.say(preference(person, PreferenceKind.OPT_OUT))
    for person in PERSONS[::2]:
        world.say(preference(person, PreferenceKind.AGE, age_band="under_13"))
    return world, reports


def test_recorders_killed_at_any_moment_decide_each_report_again_once(tmp_path: Path) -> None:
    """After SIGKILLs between and within transactions the ledger says what it says without any."""
    with told(tmp_path / "whole")[0] as world:
        log = tmp_path / "log"
        log.write_bytes(pickle.dumps(world.log))
        world.record()
        with world.ledger.snapshot() as snapshot:
            ids = [row.event_id for row in world.ledger.rows_of_subject(PERSONS)]
            expected = {
                row.event_id: (row.outcome, row.reason) for row in world.ledger.rows_of_subject(PERSONS)
            }
            assert {outcome for outcome, _ in expected.values()} == {"notify", "violation"}
            assert len(snapshot.redecisions(ids)) >= len(ids)
    chance = random.Random(5)
    folder = tmp_path / "killed"
    for _ in range(KILLS):
        _run(log, folder, kill_after=chance.randint(1, 6), wait_s=chance.uniform(0, 0.03))
    assert _run(log, folder, kill_after=None, wait_s=0) == "done"
    with Ledger.open(folder, read_only=True) as ledger:
        rows = ledger.rows_of_subject(PERSONS)
        with ledger.snapshot() as snapshot:
            again = snapshot.redecisions(ids)
    assert {row.event_id: (row.outcome, row.reason) for row in rows} == expected
    kinds = [(each.event_id, each.outcome, each.reason, each.preference_event_ids) for each in again]
    assert len(kinds) == len(set(kinds)), "a report was decided again twice by the same"


def _run(log: Path, folder: Path, *, kill_after: int | None, wait_s: float) -> str:
    """Run a recorder, kill it after some batches; returns the last line it printed."""
    command = [sys.executable, str(late_news_child.__file__), str(log), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        watchdog = threading.Timer(WAIT_S, child.kill)
        watchdog.start()
        line = ""
        try:
            assert child.stdout is not None
            for number, text in enumerate(child.stdout, start=1):
                line = text.strip()
                if number == kill_after:
                    threading.Event().wait(wait_s)
                    child.send_signal(signal.SIGKILL)
                    break
        finally:
            watchdog.cancel()
            if kill_after is not None:
                child.kill()
    return line
