"""A gate process that keeps its preference state, killed and started again: nothing leaks, little is read."""

import re
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka import Producer

from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas.events.vocabulary import PreferenceKind
from disclosure_schemas.topics import DECIDED, IDENTITIES, PREFERENCES, REQUESTED
from gate_events import (
    DECIDED_CODEC,
    IDENTITY_CODEC,
    PREFERENCE_CODEC,
    REQUESTED_CODEC,
    link,
    preference,
    request,
)
from gate_processes import GateProcess, fresh_pipeline, read_all

pytestmark = pytest.mark.kafka

OTHERS = 500
MARKS_MAX = 6  # one record of each partition is read once more
THROWN_AWAY = "kept preference state thrown away"


class Traffic:
    """Who says what on one pipeline."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self.kafka = kafka
        self._client = Producer({**kafka.client_config()})
        self._asked = 0

    def opt_out(self, subjects: Sequence[uuid.UUID]) -> None:
        """The broker acknowledges opt-outs."""
        for subject in subjects:
            event = preference(subject, PreferenceKind.OPT_OUT)
            self._client.produce(self.kafka.topic(PREFERENCES), PREFERENCE_CODEC.encode(event), subject.bytes)
        assert self._client.flush(30) == 0

    def link(self, device: uuid.UUID, account: uuid.UUID) -> None:
        """The broker acknowledges a login."""
        event = link(device, account)
        self._client.produce(self.kafka.topic(IDENTITIES), IDENTITY_CODEC.encode(event), device.bytes)
        assert self._client.flush(30) == 0

    def ask(self, subjects: Sequence[uuid.UUID]) -> None:
        """An application asks whether data of these may be sold."""
        for subject in subjects:
            self._client.produce(
                self.kafka.topic(REQUESTED), REQUESTED_CODEC.encode(request(subject)), subject.bytes
            )
        assert self._client.flush(30) == 0
        self._asked += len(subjects)

    def outcomes(self) -> dict[uuid.UUID, str]:
        """How the last request about each subject was decided; every request is."""
        decided = [
            DECIDED_CODEC.decode(v) for *_, v in read_all(self.kafka, self.kafka.topic(DECIDED), self._asked)
        ]
        assert len(decided) == self._asked
        return {decision.request.subject_key: str(decision.outcome) for decision in decided}


@contextmanager
def gate(kafka: KafkaSettings, folder: Path) -> Iterator[GateProcess]:
    """A gate that keeps its state in a folder of the test; told to stop at the end, if it still runs."""
    state = str(folder / "state")
    process = GateProcess(kafka, "restarted", folder / "gate.log", DISCLOSURE_GATE_STATE=state)
    try:
        process.wait_until_ready()
        yield process
    finally:
        process.terminate()


def records_read(process: GateProcess) -> int:
    """How many control records a gate read before it was ready."""
    (line,) = (line for line in process.said if "preference state restored" in line)
    found = re.search(r"\brecords=(\d+)", line)
    assert found is not None, line
    return int(found[1])


def test_a_killed_gate_knows_everything_again(apache_kafka: ApacheKafka, tmp_path: Path) -> None:
    """What came before the snapshot, after it and while it was away is obeyed; only the tail is read."""
    traffic = Traffic(fresh_pipeline(apache_kafka))
    alice, bob, carol, laptop, dora = (uuid.uuid4() for _ in range(5))
    traffic.opt_out([alice, *(uuid.uuid4() for _ in range(OTHERS))])
    traffic.link(laptop, alice)
    with gate(traffic.kafka, tmp_path) as first:
        assert records_read(first) == OTHERS + 2

    with gate(traffic.kafka, tmp_path) as killed:
        assert records_read(killed) <= MARKS_MAX
        traffic.opt_out([bob])
        traffic.ask([bob])
        assert traffic.outcomes() == {bob: "suppress"}
        killed.kill()
    traffic.opt_out([carol])
    traffic.ask([alice, laptop, bob, carol, dora])
    with gate(traffic.kafka, tmp_path) as again:
        assert 2 <= records_read(again) <= MARKS_MAX + 2
        outcomes = traffic.outcomes()

    assert outcomes == dict.fromkeys((alice, laptop, bob, carol), "suppress") | {dora: "permit"}


@pytest.mark.parametrize("what", ["deleted", "another pipeline's", "damaged"])
def test_a_store_that_is_not_this_pipelines_is_made_anew(
    apache_kafka: ApacheKafka, tmp_path: Path, what: str
) -> None:
    """Without a usable store the topics are read whole, none of the old is used, and a new one is kept."""
    kafka, former = fresh_pipeline(apache_kafka), fresh_pipeline(apache_kafka)
    traffic, stranger = Traffic(kafka), uuid.uuid4()
    alice, *others = (uuid.uuid4() for _ in range(20))
    traffic.opt_out([alice, *others])
    Traffic(former).opt_out([stranger])
    with gate(former if what == "another pipeline's" else kafka, tmp_path):
        pass
    if what == "deleted":
        shutil.rmtree(tmp_path / "state")
    if what == "damaged":
        (file,) = (tmp_path / "state").glob("*.mdb")
        file.write_bytes(file.read_bytes()[:-100])

    traffic.ask([alice, stranger])
    with gate(kafka, tmp_path) as made_anew:
        assert records_read(made_anew) == 1 + len(others)
        assert any(THROWN_AWAY in line for line in made_anew.said) == (what != "deleted")
        outcomes = traffic.outcomes()
    with gate(kafka, tmp_path) as next_one:
        assert records_read(next_one) <= MARKS_MAX

    assert outcomes == {alice: "suppress", stranger: "permit"}
