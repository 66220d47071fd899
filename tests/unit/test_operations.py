"""Operations: the same answer here and behind the door, changes whole or not at all."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from disclosure_ledger.door.app import door_app
from disclosure_ledger.door.client import DoorClient
from disclosure_ledger.door.errors import DoorAnswerError
from disclosure_ledger.door.opening import open_reader
from disclosure_ledger.door.operation import Occasion, Operation
from disclosure_ledger.door.operations import OPERATIONS
from disclosure_ledger.door.reader import LocalReader
from disclosure_ledger.door.server import Door
from disclosure_ledger.store.errors import LedgerError, LedgerReadOnlyError
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.events.base import Moment, Value

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Offset(Value):
    """A position to be kept."""

    topic: str
    next_offset: int


class Kept(Value):
    """What is kept after that."""

    at: Moment
    offsets: dict[str, int]


def keep(ledger: Ledger, body: Offset, occasion: Occasion) -> Kept:
    """Keep a position; a negative one breaks off after the change."""
    with ledger.transaction() as transaction:
        params = {"topic": body.topic, "partition": 0, "next_offset": body.next_offset}
        transaction.execute("insert_offset", params)
        if body.next_offset < 0:
            raise LedgerError(f"expected an offset from 0, got {body.next_offset}.")
        offsets = {topic: offset for (topic, _), offset in transaction.next_offsets().items()}
    return Kept(at=occasion.now, offsets=offsets)


KEEP = Operation("/v1/keep", Offset, Kept, keep, writes=True)


def clock() -> datetime:
    """The time of all tests."""
    return NOW


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A new ledger."""
    with Ledger.open(tmp_path / "ledger", create=True) as opened:
        yield opened


@pytest.fixture
def client(ledger: Ledger) -> Iterator[DoorClient]:
    """A client of the ledger's door, which serves one more operation."""
    reader = LocalReader(ledger, clock=clock)
    door = Door(ledger.path, reader)
    door._app = door_app(reader, operations=[KEEP])
    with door:
        yield DoorClient(door.path)


def test_an_operation_answers_alike_here_and_behind_the_door(ledger: Ledger, client: DoorClient) -> None:
    """Whoever asks gets the same, with the clock of the process that has the ledger."""
    here = LocalReader(ledger, clock=clock).ask(KEEP, Offset(topic="a", next_offset=1))
    there = client.ask(KEEP, Offset(topic="b", next_offset=2))

    assert here == Kept(at=NOW, offsets={"a": 1})
    assert there == Kept(at=NOW, offsets={"a": 1, "b": 2})


def test_a_change_that_fails_changes_nothing(ledger: Ledger, client: DoorClient) -> None:
    """An error inside a transaction undoes what came before it, and reaches the caller in words."""
    with pytest.raises(DoorAnswerError, match="expected an offset from 0, got -1"):
        client.ask(KEEP, Offset(topic="a", next_offset=-1))

    assert ledger.next_offsets() == {}


def test_a_ledger_opened_for_reading_refuses_a_change_and_one_opened_for_it_does_not(tmp_path: Path) -> None:
    """Only who says that it will change the ledger may."""
    Ledger.open(tmp_path, create=True).close()

    with open_reader(tmp_path) as reader, pytest.raises(LedgerReadOnlyError, match="opened for reading"):
        reader.ask(KEEP, Offset(topic="a", next_offset=1))
    with open_reader(tmp_path, to_change=True) as reader:
        assert reader.ask(KEEP, Offset(topic="a", next_offset=1)).offsets == {"a": 1}


def test_every_operation_has_a_path_of_its_own() -> None:
    """No two operations answer at one route."""
    paths = [operation.path for operation in OPERATIONS]

    assert len(set(paths)) == len(paths)
    assert all(path.startswith("/v1/") for path in paths)


def test_the_registry_of_an_occasion_is_read_when_it_is_asked_for(ledger: Ledger) -> None:
    """An operation finds the notices in force; without settings those of the example."""

    def notices(_: Ledger, __: Offset, occasion: Occasion) -> Kept:
        found = occasion.registry()
        return Kept(at=occasion.now, offsets={notice.id: 1 for notice in found.registry.notices})

    asked = Operation("/v1/notices", Offset, Kept, notices)

    answer = LocalReader(ledger, clock=clock).ask(asked, Offset(topic=str(uuid.uuid4()), next_offset=0))
    assert answer.offsets == {"massmutual_workforce_2022": 1}
