"""The gate beside a bare loop (the bound) and Quix Streams (the peer), interleaved on one Apache Kafka.

python -m bench.gate [--events 300000] [--rounds 3] [--profile] [--metering]
"""

import argparse
import os
import pstats
import statistics
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas import layout
from disclosure_schemas.event_ids import event_id_source
from disclosure_schemas.events.vocabulary import Kind, PreferenceKind
from disclosure_schemas.topics import PREFERENCES, REQUESTED
from gate_events import PREFERENCE_CODEC, REQUESTED_CODEC, disclosure, preference, request
from gate_processes import fresh_pipeline

ROOT = Path(__file__).parents[2]
PEER_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
SUBJECTS, OPTED_OUT_SHARE = 5_000, 10
# How the SDK sends: batches compressed with lz4.
SDK_LIKE = {"linger.ms": 10, "compression.type": "lz4", "queue.buffering.max.messages": 2_000_000}
METERING = ("gate_uncounted", "gate", "gate_scraped")
CONTESTANTS = ("bound", "gate", "bound_transactional", "quix_same_decision", "quix_bare_filter")


def send_events(kafka: KafkaSettings, events: int) -> list[bytes]:
    """Fill the request and preference topics; returns the keys of those who opted out."""
    contents = [
        disclosure(),
        disclosure(kind=Kind.SHARE, recipient_id="pixelmarsh", items=("network_activity",)),
        disclosure(kind=Kind.BUSINESS_PURPOSE, recipient_id="parcelmoor", purpose="provide_services"),
        disclosure(items=("customer_records",)),
    ]
    now = datetime.now(UTC)
    subjects = [uuid.uuid4() for _ in range(SUBJECTS)]
    bodies = [REQUESTED_CODEC.encode_body(request(subjects[0], what, occurred_at=now)) for what in contents]
    ends = [body[layout.disclosure_start(body) :] for body in bodies]
    producer = Producer({**SDK_LIKE, **kafka.client_config()})
    stopped = subjects[:: 100 // OPTED_OUT_SHARE]
    for subject in stopped:
        event = preference(subject, PreferenceKind.OPT_OUT)
        producer.produce(kafka.topic(PREFERENCES), PREFERENCE_CODEC.encode(event), subject.bytes)
    make_id = event_id_source()
    for number in range(events):
        key = subjects[number * 7919 % SUBJECTS].bytes
        head = make_id(int(now.timestamp() * 1000)) + key + bodies[0][32:64] + layout.zigzag_varint(number)
        value = REQUESTED_CODEC.header + head + layout.NO_REFERENCES + ends[number % 4]
        producer.produce(kafka.topic(REQUESTED), value, key)
        if number % 10_000 == 0:
            producer.poll(0)
    producer.flush()
    return [subject.bytes for subject in stopped]


def run(
    name: str,
    kafka: KafkaSettings,
    events: int,
    stopped: Path,
    *,
    profile: Path | None = None,
    clock: str = "wall",
) -> float:
    """Run one contestant in a process of its own; returns events per second of this clock."""
    output = f"{kafka.topic_prefix}out-{uuid.uuid4().hex[:8]}"
    admin = AdminClient({**kafka.client_config()})
    admin.create_topics([NewTopic(output, num_partitions=6, replication_factor=1)])[output].result(30)
    if name.startswith("quix_"):
        schemas = str(ROOT / "schemas" / "disclosure_schemas" / "avro")
        script = str(Path(__file__).with_name("quix_peer.py"))
        source = kafka.topic(REQUESTED)
        arguments = [
            name.removeprefix("quix_"),
            kafka.bootstrap,
            source,
            output,
            str(events),
            schemas,
            str(stopped),
        ]
        command = [str(PEER_PYTHON), "-W", "ignore", script, *arguments]
    else:
        arguments = [name, kafka.bootstrap, kafka.topic_prefix, str(events), output]
        arguments += [] if profile is None else [str(profile)]
        command = [sys.executable, "-m", "bench.gate_contestants", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests"), "BENCH_CLOCK": clock}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{name} failed:\n{done.stderr[-2000:]}")
    return events / float(done.stdout.split()[-1])


def compare(
    names: Sequence[str], events: int, rounds: int, *, with_profile: bool = False, clock: str = "wall"
) -> dict[str, list[float]]:
    """Events per second of every contestant, one figure a round."""
    figures: dict[str, list[float]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with ApacheKafka(home / "kafka", cache=ROOT / ".kafka", tuned=True) as broker:
            kafka = fresh_pipeline(broker)
            stopped = home / "stopped"
            stopped.write_text("\n".join(key.hex() for key in send_events(kafka, events)))
            for number in range(rounds):
                for name in names:
                    figures[name].append(run(name, kafka, events, stopped, clock=clock))
                    print(f"round {number + 1} {name}: {figures[name][-1]:,.0f} events/s", flush=True)
            if with_profile:
                run("gate", kafka, events, stopped, profile=home / "profile")
                pstats.Stats(str(home / "profile")).sort_stats("tottime").print_stats(15)
    return figures


def ratios(figures: dict[str, list[float]]) -> dict[str, float]:
    """Median ratio of the gate to each other contestant, round by round."""
    return {
        name: statistics.median(ours / theirs for ours, theirs in zip(figures["gate"], values, strict=True))
        for name, values in figures.items()
        if name != "gate"
    }


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--profile", action="store_true", help="say where one more run of the gate spends its time"
    )
    parser.add_argument(
        "--metering",
        action="store_true",
        help="only the gate, with its metrics, without, and scraped, by processor time",
    )
    arguments = parser.parse_args()
    names = METERING if arguments.metering else CONTESTANTS
    figures = compare(
        names,
        arguments.events,
        arguments.rounds,
        with_profile=arguments.profile,
        clock="cpu" if arguments.metering else "wall",
    )
    for name, values in figures.items():
        print(f"{name}: median {statistics.median(values):,.0f} events/s")
    for name, ratio in ratios(figures).items():
        print(f"gate / {name}: {ratio:.2f}")


if __name__ == "__main__":
    main()
