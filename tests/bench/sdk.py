"""disclose() beside confluent-kafka's SerializingProducer and AvroSerializer: same events, schema, broker.

python -m bench.sdk [--bootstrap 127.0.0.1:9092] [--events 200000] [--rounds 5] [--profile]

Both sides count from the first call to the last acknowledgement. The peer leaves defaults out of its dicts
and asks for no delivery callback, which suits it best; `serializing_producer_with_callback` asks for one, as
an application must that wants to know what `disclose()` tells. Its registry is the client's own mock, which
costs nothing.
"""

import argparse
import cProfile
import json
import pstats
import statistics
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from confluent_kafka import SerializingProducer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_producers.client import DisclosureProducer
from disclosure_producers.delivery_settings import DeliverySettings
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas import schema_files
from disclosure_schemas.event_ids import event_id_source
from disclosure_schemas.topics import REQUESTED

SUBJECTS = [uuid.uuid4() for _ in range(5_000)]
RECIPIENTS = [f"recipient-{number}" for number in range(20)]
WAIT_S = 60.0


def sdk(kafka: KafkaSettings, events: int, outbox_dir: Path) -> float:
    """Seconds of `events` calls of disclose() until all are acknowledged."""
    # A busy machine's pauses are no outage: what is compared is the way to the broker, not over the disk.
    delivery = DeliverySettings(outbox_dir=outbox_dir, outbox_after_ms=30_000)
    with DisclosureProducer("crm", kafka=kafka, delivery=delivery) as producer:
        disclose = producer.disclose
        disclose(SUBJECTS[0], to=RECIPIENTS[0], kind="sale", items=["identifiers.email"]).result(WAIT_S)
        start = time.perf_counter()
        for number in range(events):
            disclose(
                SUBJECTS[number % 5_000],
                to=RECIPIENTS[number % 20],
                kind="sale",
                items=["identifiers.email", "commercial.purchase_history"],
            )
        backlog = producer.flush(WAIT_S)
        elapsed = time.perf_counter() - start
        if backlog.waiting or backlog.stored:
            raise RuntimeError(f"the broker did not take everything: {backlog}")
    return elapsed


def serializing_producer(kafka: KafkaSettings, events: int, *, with_callback: bool) -> float:
    """Seconds of the peer: one dict an event, as an application builds it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a dependency of the registry client announces its successor
        from confluent_kafka.schema_registry import SchemaRegistryClient
        from confluent_kafka.schema_registry.avro import AvroSerializer

        client = SchemaRegistryClient.new_client({"url": "mock://bench"})
        serializer = AvroSerializer(client, schema_files.schema_text("DisclosureRequested"))
    config: dict[str, Any] = {
        **kafka.client_config(),
        "enable.idempotence": True,
        "acks": "all",
        "partitioner": "murmur2_random",
        "linger.ms": 10,
        "compression.type": "lz4",
        "queue.buffering.max.messages": events + 1,
        "value.serializer": serializer,
    }
    producer = SerializingProducer(config)
    topic, producer_id, make_id = kafka.topic(REQUESTED), uuid.uuid4(), event_id_source()
    reports: list[Any] = []
    callback: Callable[..., Any] | None = (
        (lambda error, message: reports.append(message)) if with_callback else None
    )
    producer.produce(topic, value=_event(make_id, producer_id, 0))
    producer.flush()
    start = time.perf_counter()
    for number in range(events):
        key = SUBJECTS[number % 5_000].bytes
        producer.produce(topic, key=key, value=_event(make_id, producer_id, number), on_delivery=callback)
        if number % 256 == 0:
            producer.poll(0)
    producer.flush()
    elapsed = time.perf_counter() - start
    if with_callback and len(reports) != events:
        raise RuntimeError(f"{len(reports)} of {events} deliveries were reported")
    return elapsed


def _event(make_id: Callable[[int], bytes], producer_id: uuid.UUID, number: int) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "event_id": make_id(time.time_ns() // 1_000_000),
        "subject_key": SUBJECTS[number % 5_000].bytes,
        "producer_id": producer_id.bytes,
        "occurred_at": now,
        "emitted_at": now,
        "sequence": number,
        "disclosure": {
            "mode": "request",
            "kind": "sale",
            "recipient_id": RECIPIENTS[number % 20],
            "purpose": "marketing",
            "items": [
                {"category": "identifiers", "element": "email"},
                {"category": "commercial", "element": "purchase_history"},
            ],
            "emitter": "crm",
            "consideration": "monetary",
        },
    }


def fresh_topic(bootstrap: str) -> KafkaSettings:
    """Settings whose topic of requests exists and is empty."""
    kafka = KafkaSettings(bootstrap=bootstrap, topic_prefix=f"bench-{uuid.uuid4().hex[:8]}.")
    name = kafka.topic(REQUESTED)
    admin = AdminClient({**kafka.client_config()})
    admin.create_topics([NewTopic(name, num_partitions=6, replication_factor=1)])[name].result(30)
    return kafka


def compare(bootstrap: str, events: int, rounds: int) -> dict[str, Any]:
    """Events per second of each contestant, a list a round, interleaved; and the ratios of the medians."""
    kafka = fresh_topic(bootstrap)
    with tempfile.TemporaryDirectory() as folder:
        contestants: dict[str, Callable[[], float]] = {
            "disclose": lambda: sdk(kafka, events, Path(folder)),
            "serializing_producer": lambda: serializing_producer(kafka, events, with_callback=False),
            "serializing_producer_with_callback": lambda: serializing_producer(
                kafka, events, with_callback=True
            ),
        }
        per_second: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(rounds):
            for name, seconds in contestants.items():
                per_second[name].append(round(events / seconds()))
    medians = {name: statistics.median(values) for name, values in per_second.items()}
    return {
        "events": events,
        "events_per_s": per_second,
        "median_events_per_s": medians,
        "us_per_event": {name: round(1e6 / median, 2) for name, median in medians.items()},
        "ratio": {
            name: round(medians["disclose"] / median, 2)
            for name, median in medians.items()
            if name != "disclose"
        },
    }


def profile(bootstrap: str, events: int) -> None:
    """Print where the calling thread's time goes in disclose()."""
    kafka = fresh_topic(bootstrap)
    profiler = cProfile.Profile()
    with tempfile.TemporaryDirectory() as folder:
        profiler.runcall(sdk, kafka, events, Path(folder))
    pstats.Stats(profiler).sort_stats("tottime").print_stats(15)


def main() -> None:
    """Compare and print, on the broker named or one started for the purpose."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--bootstrap", help="a broker; without it Apache Kafka is started")
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true", help="profile disclose() as well")
    arguments = parser.parse_args()
    with ExitStack() as opened:
        bootstrap = arguments.bootstrap
        if bootstrap is None:
            home = Path(opened.enter_context(tempfile.TemporaryDirectory()))
            cache = Path(__file__).parents[2] / ".kafka"
            bootstrap = opened.enter_context(ApacheKafka(home, cache=cache, tuned=True)).bootstrap
        print(json.dumps(compare(bootstrap, arguments.events, arguments.rounds), indent=2))
        if arguments.profile:
            profile(bootstrap, arguments.events)


if __name__ == "__main__":
    main()
