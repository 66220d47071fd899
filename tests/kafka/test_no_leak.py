"""G1 on Apache Kafka: an opt-out acknowledged before a request is always obeyed."""

import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue

import pytest
from confluent_kafka import Producer

from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.vocabulary import Kind, PreferenceKind
from disclosure_schemas.topics import DECIDED, PREFERENCES, REQUESTED
from gate_events import PREFERENCE_CODEC, REQUESTED_CODEC, disclosure, preference, request
from gate_processes import fresh_pipeline, gates, read_all

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

OPT_OUTS = 20_000
REQUESTERS = 2
SALE = disclosure()
SHARE = disclosure(
    kind=Kind.SHARE, recipient_id="pixelmarsh", items=("network_activity",), cross_context_ads=True
)


def producer(kafka: KafkaSettings) -> Producer:
    """A producer that sends at once."""
    return Producer({**kafka.client_config(), "linger.ms": 1, "queue.buffering.max.messages": 1_000_000})


def send_requests(kafka: KafkaSettings, opted_out: "SimpleQueue[uuid.UUID | None]") -> None:
    """Ask to sell or share for every subject whose opt-out was acknowledged."""
    client, sent = producer(kafka), 0
    while (subject := opted_out.get()) is not None:
        event = request(subject, SHARE if sent % 2 else SALE, sequence=sent)
        client.produce(kafka.topic(REQUESTED), REQUESTED_CODEC.encode(event), subject.bytes)
        client.poll(0)
        sent += 1
    client.flush(60)


def opt_out_everybody(
    kafka: KafkaSettings, subjects: list[uuid.UUID], queues: "list[SimpleQueue[uuid.UUID | None]]"
) -> None:
    """Record opt-outs; hand a subject on the moment the broker acknowledges, not before."""
    client = producer(kafka)
    now = datetime.now(UTC)
    for number, subject in enumerate(subjects):
        event = preference(subject, PreferenceKind.OPT_OUT, occurred_at=now, emitted_at=now, sequence=number)

        def acknowledged(
            error: object, _: object, subject: uuid.UUID = subject, number: int = number
        ) -> None:
            assert error is None
            queues[number % len(queues)].put(subject)

        client.produce(
            kafka.topic(PREFERENCES), PREFERENCE_CODEC.encode(event), subject.bytes, on_delivery=acknowledged
        )
        client.poll(0)
    client.flush(60)
    for queue in queues:
        queue.put(None)


def race(kafka: KafkaSettings, opt_outs: int) -> list[uuid.UUID]:
    """Run the race: requests before and after the opt-outs; returns the subjects."""
    subjects = [uuid.uuid4() for _ in range(opt_outs)]
    client = producer(kafka)
    for subject in subjects[: opt_outs // 10]:
        early = request(subject, SALE, transaction_id="early")
        client.produce(kafka.topic(REQUESTED), REQUESTED_CODEC.encode(early), subject.bytes)
    client.flush(60)
    queues: list[SimpleQueue[uuid.UUID | None]] = [SimpleQueue() for _ in range(REQUESTERS)]
    threads = [threading.Thread(target=send_requests, args=(kafka, queue)) for queue in queues]
    threads.append(threading.Thread(target=opt_out_everybody, args=(kafka, subjects, queues)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return subjects


def leaks(kafka: KafkaSettings, opt_outs: int) -> tuple[int, int]:
    """Requests asked for after the opt-out's acknowledgement: how many were decided, how many permitted."""
    codec = EventCodec(DisclosureDecided)
    records = read_all(kafka, kafka.topic(DECIDED), opt_outs + opt_outs // 10)
    decisions = [codec.decode(value) for _, _, value in records]
    late = [d for d in decisions if d.request.transaction_id != "early"]
    assert len({d.request_partition for d in decisions}) == REQUESTED.partitions
    return len({d.request.event_id for d in late}), sum(d.outcome == "permit" for d in late)


def test_no_request_acknowledged_after_an_opt_out_is_permitted(
    apache_kafka: ApacheKafka, tmp_path: Path
) -> None:
    """Of 20,000 sales and shares asked for right after the opt-out was acknowledged, none is permitted."""
    kafka = fresh_pipeline(apache_kafka)

    with gates(kafka, tmp_path, 3):
        race(kafka, OPT_OUTS)
        decided, leaked = leaks(kafka, OPT_OUTS)

    assert (decided, leaked) == (OPT_OUTS, 0)
