"""Programs that the broker contract runs as processes of their own, because it kills them.

``transform`` copies a topic to another in transactions and can crash in the middle of one; ``member`` joins a
group and tells which partitions it has; ``hold`` opens a transaction, writes to it and waits.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

from confluent_kafka import Consumer, Producer


def tell(**facts: Any) -> None:
    """Tell the test something: one JSON object a line."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def transform(order: dict[str, Any]) -> None:
    """Copy until the source's end; with ``crash_after`` transactions done, die inside the next one."""
    consumer = Consumer(order["consumer"])
    producer = Producer(order["producer"])
    producer.init_transactions(30)
    consumer.subscribe([order["source"]])
    done = 0
    while True:
        batch = [record for record in consumer.consume(order["batch"], 0.5) if record.error() is None]
        if batch:
            producer.begin_transaction()
            for record in batch:
                producer.produce(order["target"], record.value(), key=record.key())
            if done == order.get("crash_after"):
                producer.flush(30)  # the records are on the broker, inside an open transaction
                tell(crashed_with=len(batch))
                os._exit(9)
            producer.send_offsets_to_transaction(
                consumer.position(consumer.assignment()), consumer.consumer_group_metadata(), 30
            )
            producer.commit_transaction(30)
            done += 1
        elif _is_finished(consumer):
            break
    consumer.close()
    tell(finished=done)


def _is_finished(consumer: Consumer) -> bool:
    assigned = consumer.assignment()
    if not assigned:
        return False
    committed = {place.partition: place.offset for place in consumer.committed(assigned, 10)}
    return all(
        committed[place.partition] >= consumer.get_watermark_offsets(place, timeout=10)[1]
        for place in assigned
    )


def member(order: dict[str, Any]) -> None:
    """Poll for ever and tell every change of the assignment."""
    consumer = Consumer(order["consumer"])
    consumer.subscribe([order["source"]])
    known: list[int] | None = None
    while True:
        consumer.poll(0.1)
        now = sorted(place.partition for place in consumer.assignment())
        if now != known:
            known = now
            tell(partitions=now)


def hold(order: dict[str, Any]) -> None:
    """Leave a transaction open."""
    producer = Producer(order["producer"])
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(order["target"], "never committed", partition=0)
    producer.flush(30)
    tell(open=True)
    while True:
        time.sleep(1)


if __name__ == "__main__":
    {"transform": transform, "member": member, "hold": hold}[sys.argv[1]](json.loads(sys.argv[2]))
