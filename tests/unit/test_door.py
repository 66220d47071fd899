"""The door: private, the same answers as the ledger itself, one shape of error, clean start and end."""

import http.client
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from answer_rows import NOW, PERSON, YEAR, batch_of, report, row
from audit_doubles import HandMadeLedger, broker_of
from disclosure_ledger.answers.answer import Finding
from disclosure_ledger.answers.periods import Period
from disclosure_ledger.audit.facts import DeepQuestion, Extent, FactsQuestion
from disclosure_ledger.door.brief import BriefReader
from disclosure_ledger.door.client import DoorClient
from disclosure_ledger.door.errors import DoorAnswerError, DoorError, DoorInUseError
from disclosure_ledger.door.opening import open_reader, open_to_record
from disclosure_ledger.door.questions import AuditQuestion
from disclosure_ledger.door.reader import LedgerReader, LocalReader
from disclosure_ledger.door.server import Door
from disclosure_ledger.door.sockets import SOCKET_FILE, connected
from disclosure_ledger.store.batch import Batch
from disclosure_ledger.store.errors import LedgerError, LedgerLockedError, LedgerMissingError
from disclosure_ledger.store.ledger import Ledger

ROWS = [report(1), row(2, outcome="suppress", reason="gpc_device"), row(3, kind="business_purpose")]


def clock() -> datetime:
    """The time of all tests."""
    return NOW


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger with three rows of one person."""
    with Ledger.open(tmp_path / "ledger", create=True) as opened:
        opened.record_batch(batch_of(ROWS))
        yield opened


@pytest.fixture
def door(ledger: Ledger) -> Iterator[Door]:
    """Its open door."""
    with Door(ledger.path, LocalReader(ledger, clock=clock)) as opened:
        yield opened


def raw(
    door: Door, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, str, Any]:
    """Status, media type and JSON of a request as any HTTP client sends it."""
    link = connected(door.path)
    assert link is not None
    connection = http.client.HTTPConnection("door", timeout=30)
    connection.sock = link
    connection.request(method, path, body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    data = response.read()
    connection.close()
    return response.status, response.headers.get_content_type(), json.loads(data)


def test_the_door_gives_the_answers_of_the_ledger(ledger: Ledger, door: Door) -> None:
    """To-whom, audit facts and figures are the same through the door and without it."""
    local, client = LocalReader(ledger, clock=clock), DoorClient(door.path)
    facts = FactsQuestion(topic="disclosures.requested", ends={0: 5, 1: 2})
    deep = DeepQuestion(decided={0: Extent(low=0, high=9)})

    for blocked in (True, False):
        expected = local.to_whom([PERSON], YEAR, include_blocked=blocked)
        assert client.to_whom([PERSON], YEAR, include_blocked=blocked) == expected
    assert expected.finding == Finding.DISCLOSED
    assert client.audit_positions() == local.audit_positions()
    assert client.audit_facts(facts) == local.audit_facts(facts)
    assert client.audit_deep_facts(deep) == local.audit_deep_facts(deep)
    assert client.stats() == local.stats()
    assert client.stats()["next_offsets"] == {"disclosures.decided": {"0": 4}}


def test_somebody_unknown_is_unknown_through_the_door(door: Door) -> None:
    """A key nobody ever used is answered with `unknown_subject`."""
    answer = DoorClient(door.path).to_whom([uuid.uuid4()], YEAR)

    assert answer.finding == Finding.UNKNOWN_SUBJECT


def test_only_the_owner_may_use_the_socket(door: Door) -> None:
    """The socket file has mode 0600."""
    assert stat.S_IMODE(door.path.stat().st_mode) == 0o600
    assert stat.S_ISSOCK(door.path.stat().st_mode)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/to-whom", b"{}", 400),
        ("POST", "/v1/to-whom", b"not json", 400),
        ("POST", "/v1/to-whom", b'{"subject_keys": [], "period": {}}', 400),
        ("POST", "/v1/audit", b'{"wait_s": -1}', 400),
        ("GET", "/v1/nothing", None, 404),
        ("GET", "/v1/to-whom", None, 405),
        ("POST", "/v1/audit", b"{}", 400),
    ],
)
def test_every_error_has_the_one_shape(
    door: Door, method: str, path: str, body: bytes | None, status: int
) -> None:
    """Errors are problem details (RFC 9457) with type, title, status and detail, whatever went wrong."""
    got, media_type, problem = raw(door, method, path, body)

    assert (got, media_type) == (status, "application/problem+json")
    assert sorted(problem) == ["detail", "status", "title", "type"]
    assert problem["status"] == status
    assert problem["type"].startswith("urn:disclosure-ledger:problem:")
    assert problem["detail"]


def test_an_identifier_sent_by_mistake_is_not_repeated(door: Door) -> None:
    """Somebody who posts an e-mail address for a key gets an error that does not contain it."""
    period = {"first_day": "2026-01-01", "last_day": "2026-01-02"}
    body = json.dumps({"subject_keys": ["a@example.com"], "period": period}).encode()
    status, _, problem = raw(door, "POST", "/v1/to-whom", body)

    assert status == 400
    assert "example.com" not in json.dumps(problem)


class BrokenReader(LocalReader):
    """A reader with a fault of the program, and one whose ledger is gone."""

    def stats(self) -> Any:
        """Fail as no one foresaw."""
        raise RuntimeError("the secret of the fault")

    def audit_positions(self) -> Any:
        """Fail as the ledger does."""
        raise LedgerError("the ledger is damaged. Restore it.")


def test_a_fault_is_a_problem_without_its_insides(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    """A fault gives status 500 and its traceback to the log, not to the caller."""
    with Door(ledger.path, BrokenReader(ledger)) as door:
        status, _, problem = raw(door, "GET", "/v1/stats")

    assert (status, problem["type"]) == (500, "urn:disclosure-ledger:problem:fault")
    assert "the secret of the fault" not in json.dumps(problem)
    assert "the secret of the fault" in caplog.text


def test_the_client_raises_what_the_door_says(ledger: Ledger) -> None:
    """A problem becomes one typed error with the detail, type and status of the door."""
    with (
        Door(ledger.path, BrokenReader(ledger)) as door,
        pytest.raises(DoorAnswerError, match="the ledger is damaged") as caught,
    ):
        DoorClient(door.path).audit_positions()

    assert (caught.value.status, caught.value.type) == (503, "urn:disclosure-ledger:problem:ledger")


def test_a_whole_audit_runs_behind_the_door(tmp_path: Path) -> None:
    """With a broker the recorder's process audits by itself, with a broker connection of its own."""
    with HandMadeLedger(tmp_path) as made:
        made.decide([(0, 0), (0, 1)])
        broker = broker_of(made, {0: 3})

        class Opened:
            """One connection."""

            def __enter__(self) -> Any:
                return broker

            def __exit__(self, *_: object) -> None: ...

        with Door(tmp_path, made.reader, open_broker=Opened) as door:
            result = DoorClient(door.path).audit(AuditQuestion(wait_s=0))

    assert (result.requested, result.decided, result.is_balanced) == (3, 2, False)


def test_closing_the_door_ends_an_audit_that_waits(tmp_path: Path) -> None:
    """A recorder that stops does not wait for an audit to run out of time; the caller is told."""
    with HandMadeLedger(tmp_path) as made:
        made.decide([(0, 0)])
        broker = broker_of(made, {0: 2})
        asked = threading.Event()

        class Opened:
            """One connection; tells that the audit began."""

            def __enter__(self) -> Any:
                asked.set()
                return broker

            def __exit__(self, *_: object) -> None: ...

        door = Door(tmp_path, made.reader, open_broker=Opened)
        door.start()
        failures: list[Exception] = []

        def ask() -> None:
            try:
                DoorClient(door.path).audit(AuditQuestion(wait_s=600))
            except DoorError as error:
                failures.append(error)

        asking = threading.Thread(target=ask)
        asking.start()
        assert asked.wait(30)
        door.stop()
        asking.join(30)

    assert not asking.is_alive()
    assert "closing" in str(failures[0])


def test_several_threads_may_ask_at_once(door: Door) -> None:
    """Questions of many threads are all answered alike."""
    answers: list[Finding] = []

    def ask() -> None:
        client = DoorClient(door.path)
        answers.extend(client.to_whom([PERSON], YEAR).finding for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert answers == [Finding.DISCLOSED] * 30


def test_the_socket_is_gone_when_the_door_is_closed(ledger: Ledger) -> None:
    """A closed door leaves no file and no thread, may be closed twice, and opens again."""
    door = Door(ledger.path, LocalReader(ledger))
    for _ in range(2):
        door.start()
        assert DoorClient(door.path).is_open()
        door.stop()
        door.stop()

    assert [path.name for path in ledger.path.iterdir() if "door" in path.name] == []
    assert not [thread for thread in threading.enumerate() if thread.name == "ledger-door"]
    with pytest.raises(DoorError, match="nobody answers"):
        DoorClient(door.path).stats()


def test_the_door_takes_no_signal_handlers(ledger: Ledger) -> None:
    """The process that opens a door keeps its own handling of signals."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with Door(ledger.path, LocalReader(ledger)):
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


LISTEN_AND_DIE = """
import os, signal, socket
listener = socket.socket(socket.AF_UNIX)
listener.bind("door.sock")
listener.listen()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_socket_left_by_a_killed_process_is_replaced(ledger: Ledger) -> None:
    """A file nobody listens behind is known for dead: readers pass it by, a new door takes its place."""
    path = ledger.path / SOCKET_FILE
    killed = subprocess.Popen([sys.executable, "-c", LISTEN_AND_DIE], cwd=ledger.path)
    assert killed.wait(30) == -signal.SIGKILL
    assert path.exists()
    assert not DoorClient(path).is_open()

    with Door(ledger.path, LocalReader(ledger)):
        assert DoorClient(path).is_open()


def test_a_second_door_is_refused(ledger: Ledger, door: Door) -> None:
    """Where a door answers no second one is opened, and the first keeps its socket."""
    with pytest.raises(DoorInUseError):
        Door(ledger.path, LocalReader(ledger)).start()

    assert DoorClient(door.path).is_open()


def test_a_folder_with_a_very_long_name_has_a_door_too(tmp_path: Path) -> None:
    """Socket addresses have at most 107 bytes; longer paths work all the same."""
    folder = tmp_path / ("a" * 100) / ("b" * 100)
    with Ledger.open(folder, create=True) as ledger, Door(folder, LocalReader(ledger)) as door:
        assert len(os.fsencode(door.path)) > 200
        assert DoorClient(door.path).stats()["decisions"] == 0


# open_reader


def test_with_a_door_the_reader_goes_through_it(ledger: Ledger, door: Door) -> None:
    """While somebody has the ledger open, others ask through the door."""
    with open_reader(ledger.path) as reader:
        assert isinstance(reader, DoorClient)
        assert reader.to_whom([PERSON], YEAR).sold_or_shared.disclosures == 1


def test_without_a_door_the_reader_opens_the_ledger(tmp_path: Path) -> None:
    """When nobody runs the reader opens the folder, read-only, and lets go of it when closed."""
    with Ledger.open(tmp_path, create=True) as ledger:
        ledger.record_batch(batch_of(ROWS))
    with open_reader(tmp_path, clock=clock) as one, open_reader(tmp_path, clock=clock) as other:
        assert isinstance(one, LocalReader)
        assert one.to_whom([PERSON], YEAR) == other.to_whom([PERSON], YEAR)
    Ledger.open(tmp_path).close()


def test_a_reader_waits_for_a_door_that_is_just_opening(ledger: Ledger) -> None:
    """A recorder that has the ledger but no door yet is waited for."""
    door = Door(ledger.path, LocalReader(ledger))
    try:
        with open_reader(ledger.path, sleep=lambda _: door.start()) as reader:
            assert isinstance(reader, DoorClient)
    finally:
        door.stop()


def test_a_ledger_in_use_without_a_door_is_an_error(ledger: Ledger) -> None:
    """After the time of patience the reader says that the ledger is in use."""
    with pytest.raises(LedgerLockedError):
        open_reader(ledger.path, patience_s=0)


def test_an_audit_that_waits_lets_a_recorder_begin(tmp_path: Path) -> None:
    """Between two questions of a brief reader a recorder can begin, and the next goes to its door."""
    Ledger.open(tmp_path, create=True).close()
    reader = BriefReader(tmp_path)
    assert reader.audit_positions().decided == {}

    with open_to_record(tmp_path, patience_s=0) as ledger, Door(tmp_path, LocalReader(ledger)):
        ledger.record_batch(Batch(recorded_at=clock(), next_offsets={("disclosures.decided", 0): 7}))
        assert reader.audit_positions().decided == {0: 7}

    assert reader.audit_positions().decided == {0: 7}


RECORD_AND_DIE = """
import os, signal, sys
from pathlib import Path
from answer_rows import batch_of, report
from disclosure_ledger.store.batch import Batch
from disclosure_ledger.store.ledger import Ledger
Ledger.open(Path(sys.argv[1]), create=True).record_batch(batch_of([report(1)]))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_recorder_had_recorded_is_answered(tmp_path: Path) -> None:
    """After kill -9 the next reader opens the folder and sees every row that was recorded."""
    tests = Path(__file__).parents[1]
    killed = subprocess.Popen([sys.executable, "-c", RECORD_AND_DIE, str(tmp_path)], cwd=tests)
    assert killed.wait(60) == -signal.SIGKILL

    with open_reader(tmp_path, clock=clock) as reader:
        assert reader.to_whom([PERSON], YEAR).sold_or_shared.disclosures == 1


def test_a_folder_without_a_ledger_is_an_error(tmp_path: Path) -> None:
    """Asking makes no ledger where there is none."""
    with pytest.raises(LedgerMissingError):
        open_reader(tmp_path / "none")

    assert not (tmp_path / "none").exists()


def test_the_retention_of_a_reader_is_in_its_answers(tmp_path: Path) -> None:
    """A reader told how long records are kept says where its answer does not reach."""
    period = Period(first_day=date(2020, 1, 1), last_day=date(2020, 12, 31))
    Ledger.open(tmp_path, create=True).close()

    def finding(months: int | None) -> Finding:
        with open_reader(tmp_path, clock=clock, retention_months=months) as reader:
            return reader.to_whom([PERSON], period).finding

    assert finding(24) == Finding.RETENTION_ENDED
    assert finding(None) == Finding.UNKNOWN_SUBJECT


def test_both_readers_have_the_one_interface(ledger: Ledger, tmp_path: Path) -> None:
    """Commands may take either: both are ledger readers to the type checker and at run time."""
    readers: list[LedgerReader] = [LocalReader(ledger), DoorClient(tmp_path / SOCKET_FILE)]

    for reader in readers:
        assert all(hasattr(reader, name) for name in ("to_whom", "stats", "audit_facts", "close"))


def test_a_recorder_waits_for_a_command_that_reads(tmp_path: Path) -> None:
    """A ledger held by a reader for a moment can be opened to record; one held by a recorder cannot."""
    Ledger.open(tmp_path, create=True).close()
    reader = Ledger.open(tmp_path, read_only=True)

    with open_to_record(tmp_path, sleep=lambda _s: reader.close()), pytest.raises(LedgerLockedError):
        open_to_record(tmp_path, patience_s=0.0)
