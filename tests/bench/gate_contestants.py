"""Contestants that run in the project's environment: the gate itself, and the bare loops that bound it.

    python -m bench.gate_contestants NAME BOOTSTRAP PREFIX EVENTS OUTPUT_TOPIC [PROFILE_FILE]

Prints one line: seconds from the first batch to the last commit.
"""

import cProfile
import os
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition

from disclosure_consumers.gate import StepReport
from disclosure_consumers.gate_meter import GateMeter
from disclosure_consumers.metering.exposition import MetricsServer
from disclosure_consumers.metering.meter import LabelValues
from disclosure_consumers.ports import Message
from disclosure_consumers.service import run_gate
from disclosure_consumers.settings import GateSettings
from disclosure_producers.settings import KafkaSettings, MetricsSettings, RegistrySettings
from disclosure_schemas.events.vocabulary import PreferenceState
from disclosure_schemas.topics import REQUESTED

_BATCH = 10_000
_clock = time.process_time if os.environ.get("BENCH_CLOCK") == "cpu" else time.perf_counter
"""What a gate's run is measured by; processor time, of all its threads, is steadier beside other work."""


class _CountsNothing(GateMeter):
    """A gate's meter whose counting was taken out; what the loop calls is still called."""

    def waited_at_barrier(self, seconds: float, state: PreferenceState) -> None:
        pass

    def took_control(self, messages: Iterable[Message], now_us: int) -> None:
        pass

    def committed(
        self,
        messages: Sequence[Message],
        counted: Iterable[tuple[LabelValues, int]],
        causes: Iterable[str],
        now_us: int,
    ) -> None:
        pass


def gate(kafka: KafkaSettings, events: int, _output: str) -> float:
    """One gate process, exactly once, with the whole rules and the read barrier."""
    return _gate(kafka, events, GateMeter())


def gate_uncounted(kafka: KafkaSettings, events: int, _output: str) -> float:
    """The same gate without its metrics."""
    return _gate(kafka, events, _CountsNothing())


def gate_scraped(kafka: KafkaSettings, events: int, _output: str) -> float:
    """The same gate, and somebody who asks for its metrics each second."""
    meter, over = GateMeter(), threading.Event()
    with MetricsServer(MetricsSettings(port=0), meter.meter) as served:

        def scrape() -> None:
            while not over.wait(1):
                with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/metrics", timeout=5) as page:
                    page.read()

        scraping = threading.Thread(target=scrape)
        scraping.start()
        try:
            return _gate(kafka, events, meter)
        finally:
            over.set()
            scraping.join()


def _gate(kafka: KafkaSettings, events: int, meter: GateMeter) -> float:
    done, began = 0, 0.0

    def on_step(report: StepReport) -> None:
        nonlocal done
        done += report.decided + report.dead_lettered

    def should_stop() -> bool:
        nonlocal began
        if not began and done:
            began = _clock()
            first.append(done)
        return done >= events

    first: list[int] = []
    run_gate(
        kafka,
        GateSettings(group=f"gate-{uuid.uuid4().hex}", batch_events=_BATCH),
        RegistrySettings(),
        should_stop=should_stop,
        on_step=on_step,
        meter=meter,
    )
    return (_clock() - began) * events / (events - first[0])


def _consumer(kafka: KafkaSettings) -> Consumer:
    consumer = Consumer(
        {
            **kafka.consumer_config(),
            "group.id": f"bound-{uuid.uuid4().hex}",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "queued.min.messages": 50_000,
            "fetch.wait.max.ms": 50,
        }
    )
    consumer.subscribe([kafka.topic(REQUESTED)])
    return consumer


def _producer(kafka: KafkaSettings, **extra: Any) -> Producer:
    return Producer(
        {
            **kafka.client_config(),
            "linger.ms": 5,
            "compression.type": "lz4",
            "batch.size": 1_000_000,
            "queue.buffering.max.messages": 1_000_000,
            "enable.idempotence": True,
            **extra,
        }
    )


def bound(kafka: KafkaSettings, events: int, output: str) -> float:
    """Consume and produce the same bytes, nothing else, no transactions."""
    consumer, producer = _consumer(kafka), _producer(kafka)
    done, began, skipped = 0, 0.0, 0
    while done < events:
        messages = consumer.consume(_BATCH, 0.05)
        for message in messages:
            producer.produce(output, message.value(), message.key(), message.partition() or 0)
        producer.poll(0)
        done += len(messages)
        if not began and done:
            began, skipped = time.perf_counter(), done
    producer.flush()
    elapsed = time.perf_counter() - began
    consumer.close()
    return elapsed * events / (events - skipped)


def bound_transactional(kafka: KafkaSettings, events: int, output: str) -> float:
    """The same bare loop, offsets and bytes in transactions of the gate's size."""
    consumer = _consumer(kafka)
    producer = _producer(kafka, **{"transactional.id": f"bound-{uuid.uuid4().hex}"})
    producer.init_transactions()
    done, began, skipped = 0, 0.0, 0
    while done < events:
        messages = consumer.consume(1, 0.1)
        messages += consumer.consume(_BATCH - 1, 0.0)
        if not messages:
            continue
        producer.begin_transaction()
        ends: dict[int, int] = {}
        for message in messages:
            partition = message.partition() or 0
            producer.produce(output, message.value(), message.key(), partition)
            ends[partition] = (message.offset() or 0) + 1
        offsets = [TopicPartition(kafka.topic(REQUESTED), p, offset) for p, offset in ends.items()]
        producer.send_offsets_to_transaction(offsets, consumer.consumer_group_metadata())
        producer.commit_transaction()
        done += len(messages)
        if not began:
            began, skipped = time.perf_counter(), done
    elapsed = time.perf_counter() - began
    consumer.close()
    return elapsed * events / (events - skipped)


CONTESTANTS: dict[str, Callable[[KafkaSettings, int, str], float]] = {
    "gate": gate,
    "gate_uncounted": gate_uncounted,
    "gate_scraped": gate_scraped,
    "bound": bound,
    "bound_transactional": bound_transactional,
}


def main() -> None:
    """Run one contestant."""
    name, bootstrap, prefix, events, output, *profile = sys.argv[1:]
    sys.stdout, kept = open(os.devnull, "w"), sys.stdout  # noqa: PTH123, SIM115 - the log is not the result
    kafka = KafkaSettings(bootstrap=bootstrap, topic_prefix=prefix)
    profiler = cProfile.Profile()
    if profile:
        profiler.enable()
    seconds = CONTESTANTS[name](kafka, int(events), output)
    if profile:
        profiler.disable()
        profiler.dump_stats(profile[0])
    print(f"{seconds:.6f}", file=kept, flush=True)


if __name__ == "__main__":
    main()
