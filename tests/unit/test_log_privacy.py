"""What logs say of records that could not be read: enough to find them, nothing of what they hold."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import structlog

from decision_samples import BEGIN
from disclosure_consumers.process_log import log_to_stderr
from disclosure_ledger.recorder import Recorder
from disclosure_ledger.settings import LedgerSettings
from disclosure_ledger.store.ledger import Ledger
from disclosure_producers.settings import LogSettings, SettingsError, SubjectSettings
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.events.vocabulary import PreferenceKind
from disclosure_schemas.framed_ids import framed_event_id
from disclosure_schemas.topics import DECIDED
from disclosure_schemas.topics import PREFERENCES as RECORDED_PREFERENCES
from gate_events import PREFERENCE_CODEC, PREFERENCES, REQUESTED_CODEC, REQUESTS, World, preference, request
from memory_log import MemoryLog, MemorySource
from recorder_samples import CODECS

KEY = UUID("c44cd1d4-8a55-4ec2-af64-ac903ea3c7f8")
EMAIL = b"alice@example.com"
EVENT = new_event_id(1_775_000_000_000)
BROKEN_REQUEST = REQUESTED_CODEC.encode(request(KEY, event_id=EVENT)) + EMAIL
BROKEN_PREFERENCE = PREFERENCE_CODEC.encode(preference(KEY, PreferenceKind.OPT_OUT, event_id=EVENT)) + EMAIL
SPELLINGS = (str(KEY), KEY.hex, str(KEY.bytes), KEY.hex.upper(), str(KEY.int), KEY.bytes.hex(" "))
EMAILS = (EMAIL.decode(), EMAIL.hex(), EMAIL.hex(" "), EMAIL[:12].hex(" "), "alice")


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Puts logging back as the test session has it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def log_everything() -> None:
    """JSON lines of every level on the stderr that the test captures."""
    log_to_stderr(LogSettings(format="json", level="debug"))


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """JSON lines on stderr, none of which names the person."""
    text = capsys.readouterr().err
    for spelling in (*SPELLINGS, *EMAILS):
        assert spelling not in text
    return [json.loads(line) for line in text.splitlines()]


def test_a_gate_names_what_it_puts_aside(capsys: pytest.CaptureFixture[str]) -> None:
    """Coordinates always, the event id where there is one; a value that is an e-mail address is not told."""
    log_everything()
    world = World()
    for value in (BROKEN_REQUEST, EMAIL):
        world.log.append(REQUESTS, 1, KEY.bytes, value)

    world.gate().step()

    (line,) = [line for line in lines(capsys) if line["event"] == "requests put aside"]
    assert line["count"] == 2
    assert line["first"] == [
        {"where": f"{REQUESTS}/1/0", "cause": "trailing_bytes", "event_id": str(EVENT)},
        {"where": f"{REQUESTS}/1/1", "cause": "malformed"},
    ]


def test_a_gate_names_control_records_it_cannot_read(capsys: pytest.CaptureFixture[str]) -> None:
    """The same of preferences: coordinates, cause, the event id where there is one."""
    log_everything()
    world = World()
    for value in (BROKEN_PREFERENCE, EMAIL):
        world.log.append(PREFERENCES, 0, KEY.bytes, value)

    world.control().restore()

    with_id, without = [line for line in lines(capsys) if line["event"] == "control record cannot be read"]
    assert (with_id["where"], with_id["event_id"]) == (f"{PREFERENCES}/0/0", str(EVENT))
    assert (without["where"], without["cause"]) == (f"{PREFERENCES}/0/1", "malformed")
    assert "event_id" not in without


def test_a_recorder_names_what_it_cannot_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A decision begins with no event id and is found by its coordinates; a preference by both."""
    log_everything()
    log = MemoryLog()
    log.append(DECIDED.name, 0, [(KEY.bytes, EMAIL)])
    log.append(RECORDED_PREFERENCES.name, 0, [(KEY.bytes, BROKEN_PREFERENCE)])
    source = MemorySource(log)
    with Ledger.open(tmp_path / "ledger", create=True) as ledger:
        source.open(ledger.next_offsets(), 0)
        Recorder(ledger, source, CODECS, LedgerSettings(), lambda: BEGIN).step()

    (line,) = [line for line in lines(capsys) if line["event"].startswith("records cannot be read")]
    assert line["count"] == 2
    assert line["first"] == [
        {"where": f"{DECIDED.name}/0/0", "cause": "malformed"},
        {"where": f"{RECORDED_PREFERENCES.name}/0/0", "cause": "trailing_bytes", "event_id": str(EVENT)},
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (BROKEN_REQUEST, EVENT),
        (BROKEN_REQUEST[:26], EVENT),
        (BROKEN_REQUEST[:25], None),
        (b"\x00\x00\x00\x00\x07" + EVENT.bytes, EVENT),
        (BROKEN_REQUEST[:10] + KEY.bytes, None),
        (BROKEN_REQUEST[:10] + b"alices@xample.com", None),
        (EMAIL * 3, None),
        (b"", None),
        (None, None),
    ],
    ids=["left over", "id alone", "cut", "confluent", "no version 7", "text", "no frame", "empty", "none"],
)
def test_an_event_id_is_made_out_or_not_told(value: bytes | None, expected: UUID | None) -> None:
    """The first 16 bytes after either header, if they are a version 7 id of a believable time."""
    assert framed_event_id(value) == expected


def test_text_that_looks_like_an_id_is_none() -> None:
    """Text whose version and variant bits happen to fit is of no believable time, so it is not told."""
    text = bytearray(b"alice@example.co")
    text[6], text[8] = 0x74, 0x9A

    assert UUID(bytes=bytes(text)).version == 7
    assert framed_event_id(BROKEN_REQUEST[:10] + text) is None


def test_a_secret_in_the_settings_is_not_logged(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings that are logged whole, and the error about a short secret with its traceback, hide it."""
    log_everything()
    secret = "5e" * 32
    monkeypatch.setenv("DISCLOSURE_SUBJECT_SECRET", secret)
    structlog.get_logger("own").info(
        "started", settings=str(SubjectSettings()), whole=repr(SubjectSettings())
    )
    monkeypatch.setenv("DISCLOSURE_SUBJECT_SECRET", "5e5e5e5e")
    try:
        SubjectSettings().secret_bytes()
    except SettingsError:
        structlog.get_logger("own").exception("cannot start")

    text = capsys.readouterr().err
    assert len(text.splitlines()) == 2
    assert "cannot start" in text
    assert "5e5e" not in text
