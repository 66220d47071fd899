"""The broker is away for 20 s while applications emit: every accepted event arrives exactly once."""

import threading
import uuid
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from disclosure_producers.client import DisclosureProducer
from disclosure_producers.receipts import Delivered, Receipt, Stored
from kafka_fixtures import new_apache_kafka
from sdk_topics import own_topic, requests_in, wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

OUTAGE_S = 20.0
THREADS = 4
SUBJECTS_PER_THREAD = 5
PAUSE_S = 0.003


class Load:
    """Several threads that emit until told to stop, each about subjects of its own."""

    def __init__(self, producer: DisclosureProducer) -> None:
        self._producer = producer
        self._stop = threading.Event()
        self.receipts: list[list[tuple[int, Receipt]]] = [[] for _ in range(THREADS)]
        self._threads = [threading.Thread(target=self._emit, args=(number,)) for number in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop emitting."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def count(self) -> int:
        """How many events were accepted."""
        return sum(len(accepted) for accepted in self.receipts)

    def pass_time(self, seconds: float) -> None:
        """Let the load go on for a while."""
        self._stop.wait(seconds)

    def by_subject(self) -> dict[int, list[uuid.UUID]]:
        """Event ids in order of emission."""
        ids: dict[int, list[uuid.UUID]] = defaultdict(list)
        for accepted in self.receipts:
            for subject, receipt in accepted:
                ids[subject].append(receipt.event_id)
        return ids

    def _emit(self, thread: int) -> None:
        number = 0
        while not self._stop.wait(PAUSE_S):
            subject = thread * SUBJECTS_PER_THREAD + number % SUBJECTS_PER_THREAD
            receipt = self._producer.disclose(
                uuid.UUID(int=subject), to="harborlight", kind="sale", items=["identifiers"]
            )
            self.receipts[thread].append((subject, receipt))
            number += 1


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_an_outage_loses_nothing_and_doubles_nothing(tmp_path: Path, end: str) -> None:
    """Away for 20 s under load: once each, in the order of each subject, no sequence number missing."""
    with new_apache_kafka(tmp_path / "kafka") as broker:
        kafka = own_topic(broker)
        with DisclosureProducer("crm", kafka=kafka, outbox_dir=tmp_path / "outbox") as producer:
            load = Load(producer)
            wait_for(lambda: load.count() > 1000, "a thousand events were accepted")
            getattr(broker, end)()
            load.pass_time(OUTAGE_S)
            stored_in_outage = producer.backlog().stored
            broker.start()
            wait_for(lambda: producer.backlog().stored == 0, "the outbox was drained")
            load.pass_time(1.0)
            load.stop()
            assert producer.flush(30).waiting == 0

        events = requests_in(broker, kafka)

    receipts = [receipt for accepted in load.receipts for _, receipt in accepted]
    outcomes = Counter(type(receipt.result(0)) for receipt in receipts)
    arrived: dict[int, list[uuid.UUID]] = defaultdict(list)
    for event in events:
        arrived[event.subject_key.int].append(event.event_id)
    assert stored_in_outage > 1000
    assert outcomes[Stored] > 1000
    assert outcomes[Delivered] > 1000
    assert arrived == load.by_subject()
    assert sorted(event.sequence for event in events) == list(range(len(receipts)))
    assert list((tmp_path / "outbox").iterdir()) == []
