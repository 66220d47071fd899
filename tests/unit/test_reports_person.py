"""What a report reads of a ledger: choices with what reached the person over links, people told apart."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from answer_rows import NOW, PERSON, row
from answer_rows import batch_of as decisions
from disclosure_ledger.door.app import door_app
from disclosure_ledger.door.client import DoorClient
from disclosure_ledger.door.reader import LocalReader
from disclosure_ledger.door.server import Door
from disclosure_ledger.reports.errors import TwoSubjectsError
from disclosure_ledger.reports.operation import REPORT
from disclosure_ledger.reports.question import ReportQuestion, ReportRegime, ReportSubject
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.events.disclosure import Signals
from disclosure_schemas.events.vocabulary import PreferenceKind, SubjectType
from disclosure_schemas.topics import IDENTITIES, PREFERENCES
from gate_events import link, preference
from recorder_samples import CODECS, batch_of

DEVICE, OTHER = uuid.UUID(int=0xDE), uuid.UUID(int=0xB0B)
THEN = datetime(2026, 11, 1, 18, tzinfo=UTC)
SAID = {"occurred_at": THEN, "emitted_at": THEN}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A person with a limit, and a linked device that sent Global Privacy Control."""
    told = [
        preference(PERSON, PreferenceKind.LIMIT_SENSITIVE, **SAID),
        preference(PERSON, PreferenceKind.COMPLIED, **SAID, of=("limit_sensitive",)),
        preference(
            DEVICE,
            PreferenceKind.SIGNAL,
            **SAID,
            subject_type=SubjectType.DEVICE,
            signals=Signals(gpc=("1",)),
        ),
    ]
    links = [
        link(DEVICE, PERSON, **SAID, subject_type=SubjectType.DEVICE, other_subject_type=SubjectType.ACCOUNT),
        link(DEVICE, OTHER, **SAID, subject_type=SubjectType.DEVICE, other_subject_type=SubjectType.ACCOUNT),
    ]
    with Ledger.open(tmp_path / "ledger", create=True) as opened:
        opened.record_batch(decisions([row(1), row(2, subject_key=OTHER, recipient_id="copperkite")]))
        opened.record_batch(batch_of(PREFERENCES, [CODECS.preferences.encode(event) for event in told]))
        opened.record_batch(batch_of(IDENTITIES, [CODECS.identities.encode(event) for event in links]))
        yield opened


def asked(*keys: uuid.UUID, **fields: Any) -> ReportQuestion:
    """A question under California's law."""
    subjects = tuple(ReportSubject(key=key) for key in keys)
    return ReportQuestion(regime=ReportRegime.CALIFORNIA, subjects=subjects, **fields)


def clock() -> datetime:
    """Noon in California."""
    return NOW


def test_choices_are_those_that_reached_the_person(ledger: Ledger) -> None:
    """A signal of a linked device stops sale and sharing; the limit is the person's own."""
    content: Any = LocalReader(ledger, clock=clock).ask(REPORT, asked(PERSON)).content
    status = content.opt_out_status
    assert (status.sale.state, status.share.state, status.limit_sensitive.state) == ("stopped",) * 3
    assert (status.gpc_seen, status.gpc_last_at) == (True, THEN)
    assert status.sale.processed_at == THEN


def test_a_report_is_of_the_persons_own_rows(ledger: Ledger) -> None:
    """Whoever shares a device is somebody else."""
    content: Any = LocalReader(ledger, clock=clock).ask(REPORT, asked(PERSON, names=True)).content
    assert [line.recipient_id for line in content.names] == ["harborlight"]
    with pytest.raises(TwoSubjectsError, match="one person alone"):
        LocalReader(ledger, clock=clock).ask(REPORT, asked(PERSON, OTHER))


def test_an_earlier_moment_of_knowledge_knows_less(ledger: Ledger) -> None:
    """Before anything was recorded nobody was known."""
    early = asked(PERSON, accept_unknown=True, known_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert LocalReader(ledger, clock=clock).ask(REPORT, early).finding == "unknown_subject"


def test_the_report_is_the_same_behind_the_door(ledger: Ledger) -> None:
    """Whoever asks through the recorder gets the same values."""
    reader = LocalReader(ledger, clock=clock)
    door = Door(ledger.path, reader)
    door._app = door_app(reader)
    question = asked(PERSON, names=True, received_at=NOW - timedelta(days=1))
    with door:
        assert DoorClient(door.path).ask(REPORT, question) == reader.ask(REPORT, question)
