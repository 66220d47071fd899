"""`disclosures drop match`: the file of statuses, the events, and what is never printed."""

import json
import logging
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from command_line import with_commands
from disclosure_consumers.core.drop.hashing import DropList, drop_hash
from disclosure_consumers.core.drop.matching import DropStatus, Match
from disclosure_ledger.cli.drop_sending import drop_match_event_id, send_matches
from disclosure_ledger.entry import run
from disclosure_producers.errors import BackpressureError, OutboxFullError
from disclosure_producers.receipts import Receipt
from disclosure_producers.testing import RecordingPreferenceProducer
from disclosure_schemas.event_ids import unix_ms_of
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import PreferenceKind, SubjectType
from disclosure_schemas.subject_keys import IdentifierType, subject_key

pytestmark = pytest.mark.usefixtures("_own_world")

SECRET = "5e" * 32
LIST = "20260801_4821_Email.csv"
STATUS = "20260801_4821_Email_status.csv"
ANNA, BOB, SHARED, NOBODY = "anna@example.com", "bob@example.com", "home@example.com", "who@example.com"
MATCH = ["drop", "match", LIST, "--list-type", "email", "--records", "crm.csv"]
DOWNLOADED = datetime(2026, 8, 1, 7, 0, tzinfo=UTC)  # midnight in California


@pytest.fixture
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a list and records, a secret, and a broker that is away."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCLOSURE_SUBJECT_SECRET", SECRET)
    monkeypatch.setenv("DISCLOSURE_KAFKA_BOOTSTRAP", "127.0.0.1:9")
    monkeypatch.setenv("DISCLOSURE_PRODUCER_OUTBOX_DIR", str(tmp_path / "outbox"))
    monkeypatch.setenv("DISCLOSURE_PRODUCER_OUTBOX_AFTER_MS", "50")
    monkeypatch.setenv("DISCLOSURE_PRODUCER_CLOSE_TIMEOUT_S", "0.1")
    with_commands(monkeypatch, "drop:drop")
    write_list(LIST, ANNA, BOB, SHARED, NOBODY)
    Path("crm.csv").write_text(
        f"account,email,name\n4711,{ANNA.upper()},Anna\n4712,{BOB},Bob\n4711,{SHARED},Anna\n"
        f"4713,{SHARED},Carl\n4714,,Dora\n"
    )


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[PreferenceRecorded]:
    """Events that commands send, in place of a broker."""
    events: list[PreferenceRecorded] = []

    class Recording(RecordingPreferenceProducer):
        def __init__(self, **settings: Any) -> None:
            super().__init__()

        def close(self, timeout_s: float | None = None) -> None:
            events.extend(self.events)
            super().close(timeout_s)

    monkeypatch.setattr("disclosure_producers.client.PreferenceProducer", Recording)
    return events


def write_list(name: str, *addresses: str) -> None:
    """A downloaded list of e-mail addresses; entries are e1, e2, ..."""
    rows = (f"e{place},{drop_hash(DropList.EMAIL, (text,))}" for place, text in enumerate(addresses, start=1))
    Path(name).write_text("\n".join(["ID,Hash", *rows]) + "\n", encoding="utf-8-sig")


def key_of(account: str) -> uuid.UUID:
    """Subject key of an account."""
    return subject_key(bytes.fromhex(SECRET), IdentifierType.ACCOUNT, account)


def statuses(name: str = STATUS) -> list[str]:
    """Rows of the file to upload, its header too."""
    return Path(name).read_text().splitlines()


def test_the_file_to_upload_answers_every_entry() -> None:
    """Each entry has a status: found once, found once, shared by two, not found."""
    assert run(MATCH) == 0
    assert statuses() == ["Id,Status", "e1,3", "e2,3", "e3,4", "e4,5"]


def test_exempt_accounts_are_answered_as_such() -> None:
    """An entry is exempted if all its subjects are exempt, and not if only one is."""
    Path("exempt.txt").write_text("4711\n\n")
    assert run([*MATCH, "--exempt", "exempt.txt"]) == 0
    assert statuses()[1:] == ["e1,2", "e2,3", "e3,4", "e4,5"]
    Path("exempt.txt").write_text("4711\n4713\n")
    assert run([*MATCH, "--exempt", "exempt.txt"]) == 0
    assert statuses()[1:] == ["e1,2", "e2,3", "e3,2", "e4,5"]


def test_counts_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON has the counts, the file written, and the day of the next download; nothing was sent."""
    assert run([*MATCH, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "list_type": "email",
        "entries": 4,
        "statuses": {"exempted": 0, "deleted": 2, "opted_out": 1, "not_found": 1},
        "subjects": 3,
        "records": 5,
        "records_without_identifier": 1,
        "records_unusable": 0,
        "status_file": STATUS,
        "sent": None,
        "next_download_by": "2026-09-15",
    }


def test_nothing_about_a_person_is_printed(
    sent: list[PreferenceRecorded], capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither identifiers nor hashes nor accounts nor keys are in what is printed or logged."""
    with caplog.at_level(logging.DEBUG):
        assert run([*MATCH, "--send"]) == 0
        assert run([*MATCH, "--json"]) == 0
    printed = capsys.readouterr()
    text = printed.out + printed.err + caplog.text
    assert "not_found" in text
    people = [ANNA, BOB, SHARED, NOBODY, "Anna", "4711", "4713", str(key_of("4711")), key_of("4711").hex]
    hashes = [drop_hash(DropList.EMAIL, (address,)) for address in (ANNA, BOB, SHARED, NOBODY)]
    assert [word for word in people + hashes if word.lower() in text.lower()] == []


def test_each_subject_found_becomes_a_preference(sent: list[PreferenceRecorded]) -> None:
    """With --send there is one drop_match for each subject of each entry, from the day of the list on."""
    assert run([*MATCH, "--send"]) == 0
    assert sorted((event.drop_id, event.subject_key) for event in sent) == sorted(
        [
            ("e1", key_of("4711")),
            ("e2", key_of("4712")),
            ("e3", key_of("4711")),
            ("e3", key_of("4713")),
        ]
    )
    for event in sent:
        assert event.kind is PreferenceKind.DROP_MATCH
        assert event.subject_type is SubjectType.ACCOUNT
        assert event.drop_list == "email"
        assert event.occurred_at == DOWNLOADED
        assert not event.all_exempt


def test_exempt_subjects_are_sent_as_exempt(sent: list[PreferenceRecorded]) -> None:
    """Events of an entry of which everything is exempt say so, and those of the others do not."""
    Path("exempt.txt").write_text("4711\n")
    assert run([*MATCH, "--exempt", "exempt.txt", "--send"]) == 0
    assert {event.drop_id: event.all_exempt for event in sent} == {"e1": True, "e2": False, "e3": False}


def test_a_second_run_sends_the_same_events(sent: list[PreferenceRecorded]) -> None:
    """Run again, the command repeats its events with the same ids and adds those of new records alone."""
    assert run([*MATCH, "--send"]) == 0
    first = {event.event_id for event in sent}
    assert len(first) == 4
    sent.clear()
    with Path("crm.csv").open("a") as file:
        file.write(f"4715,{NOBODY},Emil\n")
    assert run([*MATCH, "--send"]) == 0
    second = {event.event_id for event in sent}
    assert first < second
    assert len(second) == 5
    assert statuses()[4] == "e4,3"


def test_the_moment_of_the_download_can_be_said(sent: list[PreferenceRecorded]) -> None:
    """With --received the matches count from that moment and not from the start of the day."""
    assert run([*MATCH, "--send", "--received", "2026-08-01T09:30:00-07:00"]) == 0
    assert {event.occurred_at for event in sent} == {datetime(2026, 8, 1, 16, 30, tzinfo=UTC)}


def test_without_matches_nothing_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    """A list that names none of the records needs no broker."""
    write_list(LIST, NOBODY)
    assert run([*MATCH, "--send", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sent"] == {"delivered": 0, "stored": 0}
    assert not Path("outbox").exists()


def test_events_for_a_broker_that_is_away_are_stored(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a broker the events are in the outbox, the statuses are written, and that is fine."""
    assert run([*MATCH, "--send", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sent"] == {"delivered": 0, "stored": 4}
    assert statuses()[0] == "Id,Status"


def test_no_status_is_claimed_before_its_events_are_safe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If the events cannot be sent there is no file to upload."""

    class Full(RecordingPreferenceProducer):
        def __init__(self, **settings: Any) -> None:
            super().__init__()

        def record_preference(self, kind: str, subject_key: uuid.UUID, **fields: Any) -> Receipt:
            raise OutboxFullError("the outbox is full")

    monkeypatch.setattr("disclosure_producers.client.PreferenceProducer", Full)
    assert run([*MATCH, "--send"]) == 2
    assert "the outbox is full" in capsys.readouterr().err
    assert not Path(STATUS).exists()


def test_a_list_of_another_name_needs_a_name_for_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    """Without the platform's file name the answer is named by --out, or by --broker-id and --received."""
    Path(LIST).rename("mine.csv")
    words = ["drop", "match", "mine.csv", "--list-type", "email", "--records", "crm.csv"]
    assert run(words) == 2
    assert "--out" in capsys.readouterr().err
    assert run([*words, "--out", "answer.csv"]) == 0
    assert statuses("answer.csv")[1] == "e1,3"
    assert run([*words, "--broker-id", "77", "--received", "2026-08-02T01:00:00-07:00"]) == 0
    assert statuses("20260802_77_Email_status.csv")[1] == "e1,3"


def test_lists_of_several_identifiers_are_matched() -> None:
    """Name, date of birth and ZIP together find a person, and only together."""
    danielle = drop_hash(DropList.NDZ, ("Danielle", "Johnson", "1985-07-04", "91790"))
    Path("ndz.csv").write_text(f"ID,Hash\ne1,{danielle}\n")
    Path("people.csv").write_text(
        "account,first_name,last_name,birth_date,zip\n"
        "1,DANIELLE,Johnson,19850704,91790-3771\n2,Danielle,Johnson,1985-07-05,91790\n"
    )
    words = ["drop", "match", "ndz.csv", "--list-type", "ndz", "--records", "people.csv", "--out", "out.csv"]
    assert run(words) == 0
    assert statuses("out.csv") == ["Id,Status", "e1,3"]


def test_records_of_no_use_stop_the_command_or_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """A number that is no VIN is an error with its line; with --skip-unusable it is counted and said."""
    Path("vins.csv").write_text("ID,Hash\n")
    Path("cars.csv").write_text("account,first_name,last_name,vin\n1,Eve,Genesis,unknown\n")
    words = [
        *("drop", "match", "vins.csv", "--list-type", "name_vin"),
        *("--records", "cars.csv", "--out", "out.csv"),
    ]
    assert run(words) == 2
    printed = capsys.readouterr().err
    assert "cars.csv, line 2: expected a vin of 17 letters and digits" in printed
    assert not Path("out.csv").exists()
    assert run([*words, "--skip-unusable", "--json"]) == 0
    printed_now = capsys.readouterr()
    assert "1 records have an identifier that cannot be hashed" in printed_now.err
    assert json.loads(printed_now.out)["records_unusable"] == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--list-type", "phone"], "by its name the file is the list email"),
        (["--list-type", "fax"], "name-vin"),
        (["--records", "nowhere.csv"], "nowhere.csv cannot be read"),
        (["--records", "."], "cannot be read"),
        (["--records", "binary.csv"], "not text in UTF-8"),
        (["--records", "quotes.csv"], "not CSV"),
        (["--records", "headless.csv"], "headless.csv, line 1"),
        (["--exempt", "nowhere.txt"], "nowhere.txt cannot be read"),
        (["--out", LIST], "Change --out"),
        (["--out", "crm.csv"], "Change --out"),
        (["--out", "no/such/folder.csv"], "cannot be written"),
        (["--broker-id", "a@b.co"], "--broker-id"),
        (["--received", "yesterday"], "time zone"),
    ],
)
def test_bad_input_is_said_in_words(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bad input ends with exit code 2, a text that says what is wrong, and no file of statuses."""
    Path("binary.csv").write_bytes(b"account,email\n1,\xff\xfe@example.com\n")
    Path("quotes.csv").write_text('account,email\n1,"anna"x@example.com\n')
    Path("headless.csv").write_text(f"4711,{ANNA}\n")
    given = dict(zip(MATCH[3::2], MATCH[4::2], strict=True)) | dict(zip(words[::2], words[1::2], strict=True))
    assert run([*MATCH[:3], *(word for pair in given.items() for word in pair)]) == 2
    printed = capsys.readouterr()
    assert expected in printed.err
    assert "Traceback" not in printed.err
    assert "anna" not in printed.err
    assert printed.out == ""
    assert not Path(STATUS).exists()
    assert [path.name for path in Path().iterdir() if "unfinished" in path.name] == []


def test_sending_needs_a_moment(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a day in the name of the list, --send asks for --received."""
    Path(LIST).rename("mine.csv")
    words = ["drop", "match", "mine.csv", "--list-type", "email", "--records", "crm.csv"]
    assert run([*words, "--out", "o.csv", "--send"]) == 2
    assert "Add --received" in capsys.readouterr().err


def test_without_a_secret_the_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Subject keys need the secret; without it nothing is matched."""
    monkeypatch.delenv("DISCLOSURE_SUBJECT_SECRET")
    assert run(MATCH) == 2
    assert "DISCLOSURE_SUBJECT_SECRET" in capsys.readouterr().err


def test_the_help_says_that_lists_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """A newcomer reads that the command deletes nothing and is to be run again for new records."""
    assert run(["drop", "match", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "run the same command again" in shown
    assert "this command deletes nothing" in shown


FOUND = Match("e1", DropStatus.DELETED, (bytes(16),), False)


def test_event_ids_are_version_7_and_of_the_moment() -> None:
    """The id of a match is a version 7 UUID whose time is that of the list."""
    event_id = drop_match_event_id(DropList.EMAIL, FOUND, bytes(16), DOWNLOADED)
    assert (event_id.version, event_id.variant) == (7, uuid.RFC_4122)
    assert unix_ms_of(event_id) == DOWNLOADED.timestamp() * 1000
    assert event_id == drop_match_event_id(DropList.EMAIL, FOUND, bytes(16), DOWNLOADED)


@pytest.mark.parametrize(
    "other",
    [
        (DropList.PHONE, FOUND, bytes(16), DOWNLOADED),
        (DropList.EMAIL, FOUND._replace(id="e2"), bytes(16), DOWNLOADED),
        (DropList.EMAIL, FOUND._replace(all_exempt=True), bytes(16), DOWNLOADED),
        (DropList.EMAIL, FOUND, bytes(15) + b"\1", DOWNLOADED),
        (DropList.EMAIL, FOUND, bytes(16), DOWNLOADED.replace(day=2)),
    ],
)
def test_events_that_say_something_else_have_other_ids(other: Any) -> None:
    """Another list, entry, subject, moment or exemption is another event."""
    assert drop_match_event_id(*other) != drop_match_event_id(DropList.EMAIL, FOUND, bytes(16), DOWNLOADED)


def test_a_full_queue_is_waited_for() -> None:
    """When the producer has no room for a moment, the event is offered again and sent once."""

    class Busy(RecordingPreferenceProducer):
        refused = 0

        def record_preference(self, kind: str, subject_key: uuid.UUID, **fields: Any) -> Receipt:
            if self.refused < 2:
                self.refused += 1
                raise BackpressureError("no room")
            return super().record_preference(kind, subject_key, **fields)

    producer = Busy()
    assert send_matches(producer, DropList.EMAIL, [FOUND], DOWNLOADED) == (1, 0)
    assert len(producer.events) == 1
    assert producer.refused == 2


def test_what_is_stored_is_counted_apart() -> None:
    """Events that went to the outbox are not counted as delivered."""
    producer = RecordingPreferenceProducer()
    with producer.outage():
        assert send_matches(producer, DropList.EMAIL, [FOUND], DOWNLOADED) == (0, 1)
    assert send_matches(producer, DropList.EMAIL, [FOUND], DOWNLOADED) == (1, 0)
