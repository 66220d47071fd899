"""Random outages, crashes and client failures: nothing acknowledged is lost, nothing overtakes."""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from confluent_kafka import KafkaError
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure_producers import courier
from disclosure_producers.errors import OutboxError
from disclosure_producers.receipts import Delivered, Receipt, Stored
from sdk_fakes import REST, FakeBroker, ManualCourier, key_of

ACCEPT = st.tuples(st.just("accept"), st.integers(0, 2))
AWAY = st.tuples(st.just("away"), st.booleans())
TIME = st.tuples(st.just("time"), st.sampled_from([0.0, 0.1, 1.0, 20.0]))
FATAL = st.tuples(st.just("fatal"), st.none())
DISK = st.tuples(st.just("disk"), st.booleans())
CRASH = st.tuples(st.just("crash"), st.none())
ORDERLY = st.lists(ACCEPT | ACCEPT | AWAY | TIME | DISK, max_size=40)
ROUGH = st.lists(ACCEPT | ACCEPT | AWAY | TIME | FATAL | CRASH | DISK, max_size=40)


@pytest.fixture(autouse=True, scope="module")
def _small_portions() -> Iterator[None]:
    """Let few events already fill what in earnest takes thousands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(courier, "_CHUNK", 3)
        patch.setattr(courier, "_HANDED_OUT_MAX", 4)
        yield


class Story:
    """Runs a list of events of the world against couriers, and remembers what was accepted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broker = FakeBroker(queue_max=8)
        self.is_disk_full = False
        self.manual = self.start()
        self.accepted: list[tuple[int, Receipt]] = []

    def tell(self, happenings: list[tuple[str, object]]) -> None:
        """Let one thing happen after the other."""
        do: dict[str, Callable[[object], None]] = {
            "accept": self.accept,
            "away": self.away,
            "time": self.time,
            "fatal": self.fatal,
            "crash": self.crash,
            "disk": self.disk,
        }
        for what, how in happenings:
            do[what](how)

    def accept(self, subject: object) -> None:
        """An application emits."""
        assert isinstance(subject, int)
        self.accepted.append((subject, self.manual.courier.accept(key_of(subject).bytes, REST)))

    def away(self, is_away: object) -> None:
        """The broker goes or comes."""
        self.broker.is_away = bool(is_away)

    def time(self, seconds: object) -> None:
        """The courier works for a while."""
        assert isinstance(seconds, float)
        self.manual.pass_time(seconds)

    def fatal(self, _: object) -> None:
        """The Kafka client fails for good."""
        self.broker.clients[-1].is_fatal = True

    def disk(self, is_full: object) -> None:
        """The disk of the outbox fills up, or has room again."""
        self.is_disk_full = bool(is_full)

    def start(self) -> ManualCourier:
        """A new process."""
        manual = ManualCourier(self.broker, self.folder)
        add = manual.courier._stored._own.add

        def add_if_there_is_room(events: Sequence[tuple[bytes, bytes]]) -> int:
            if self.is_disk_full:
                raise OutboxError("database or disk is full")
            return add(events)

        manual.courier._stored._own.add = add_if_there_is_room  # type: ignore[method-assign]
        return manual

    def crash(self, _: object) -> None:
        """The process is killed, and another one starts."""
        self.manual.crash()
        self.manual = self.start()

    def end(self) -> None:
        """The broker is there, and all gets the time it needs."""
        self.broker.is_away = self.is_disk_full = False
        for _ in range(10):
            self.manual.pass_time(2.0)
        self.manual.courier.close(0)
        self.manual.courier.step()

    def ids_by_subject(self) -> dict[int, list[str]]:
        """Event ids in the topic, each at its first appearance, by subject."""
        found: dict[int, list[str]] = defaultdict(list)
        for event in self.broker.events():
            ids = found[event.subject_key.int]
            if str(event.event_id) not in ids:
                ids.append(str(event.event_id))
        return found


@given(ORDERLY)
def test_outages_lose_nothing_and_double_nothing(happenings: list[tuple[str, object]]) -> None:
    """Without crashes every accepted event is in the topic once, in the order of its subject."""
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Path(folder))
        story.tell(happenings)
        story.end()

        expected: dict[int, list[str]] = defaultdict(list)
        for subject, receipt in story.accepted:
            expected[subject].append(str(receipt.event_id))
        events = story.broker.events()
        assert story.ids_by_subject() == expected
        assert len(events) == len(story.accepted)
        assert sorted(event.sequence for event in events) == list(range(len(events)))
        assert all(isinstance(receipt.result(0), Delivered | Stored) for _, receipt in story.accepted)
        assert list(Path(folder).iterdir()) == []


@settings(max_examples=300)
@given(ROUGH)
def test_crashes_lose_nothing_that_was_acknowledged(happenings: list[tuple[str, object]]) -> None:
    """Whatever fails, acknowledged events are in the topic, and each subject's in the order of emission."""
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Path(folder))
        story.tell(happenings)
        story.end()

        topic = story.ids_by_subject()
        for subject in range(3):
            emitted = [str(r.event_id) for s, r in story.accepted if s == subject]
            acknowledged = [str(r.event_id) for s, r in story.accepted if s == subject and r.done()]
            assert set(acknowledged) <= set(topic[subject])
            assert topic[subject] == [event_id for event_id in emitted if event_id in topic[subject]]
        assert list(Path(folder).iterdir()) == []


REFUSALS = st.sampled_from([KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.TOPIC_AUTHORIZATION_FAILED])


@given(st.integers(1, 5), REFUSALS)
def test_what_is_refused_for_good_is_in_no_topic(count: int, code: int) -> None:
    """Events refused on arrival settle with an error, and later ones are not held up."""
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Path(folder))
        story.broker.verdict = lambda _: code
        story.tell([("accept", 0)] * count + [("time", 0.1)])
        story.broker.verdict = lambda _: None
        story.tell([("accept", 0)])
        story.end()

        assert [receipt.error() is None for _, receipt in story.accepted] == [False] * count + [True]
        assert [event.sequence for event in story.broker.events()] == [count]
