"""A bulk end to end on Apache Kafka: a file of a million addresses, the decisions, the list of who may go.

python -m bench.bulk [--people 1000000]

Broker, gate, recorder and the commands of the sender share the machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from disclosure_consumers.kafka.topic_admin import TopicAdmin
from disclosure_consumers.settings import GateSettings
from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_ledger.door.client import DoorClient
from disclosure_ledger.door.sockets import SOCKET_FILE
from disclosure_ledger.pipeline.children import ProgramChild, own_command
from disclosure_producers.delivery_settings import DeliverySettings
from disclosure_producers.preference_producer import PreferenceProducer
from disclosure_producers.settings import KafkaSettings
from disclosure_schemas.subject_keys import IdentifierType, subject_key

SECRET = "c1" * 32
OPTED_OUT_EVERY = 10
WAIT_S = 900.0
SALE = ("--to", "harborlight", "--kind", "sale", "--item", "identifiers.email_hash")


def main() -> None:
    """Run once and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    people: int = parser.parse_args().people
    cache = Path(__file__).parents[2] / ".kafka"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with ApacheKafka(folder / "kafka", cache=cache, tuned=True) as broker, pipeline(broker, folder):
            file = folder / "people.csv"
            with file.open("w") as lines:
                lines.write("email\n")
                lines.writelines(f"{address(number)}\n" for number in range(people))
            opt_out_some(people)
            figures = measured(file, people, folder)
    print(json.dumps(figures, indent=2))


def measured(file: Path, people: int, folder: Path) -> dict[str, Any]:
    """Seconds from the start of the first command to each point, and what came of it."""
    start = time.perf_counter()
    sent = command("bulk", "send", str(file), *SALE)
    sent_s = time.perf_counter() - start
    state = command("bulk", "status", sent["bulk_id"], "--wait", str(WAIT_S))
    decided_s = time.perf_counter() - start
    out = folder / "may-go.csv"
    handed_out = command("bulk", "permitted", sent["bulk_id"], "--out", str(out), "--input", str(file))
    written_s = time.perf_counter() - start
    return {
        "people": people,
        "hashed_and_sent_s": round(sent_s, 1),
        "decided_and_recorded_s": round(decided_s, 1),
        "list_written_s": round(written_s, 1),
        "people_per_s": round(people / written_s),
        "permitted": handed_out["permitted"],
        "outcomes": {entry["outcome"]: entry["rows"] for entry in state["outcomes"]},
    }


def address(number: int) -> str:
    """E-mail address of a person."""
    return f"person{number}@example.com"


def command(*words: str) -> Any:
    """Run a command in a process of its own; what it prints."""
    line = [sys.executable, "-m", "disclosure_ledger.entry", *words, "--json"]
    return json.loads(subprocess.run(line, check=True, stdout=subprocess.PIPE, text=True).stdout)


def opt_out_some(people: int) -> None:
    """One in ten opted out before."""
    secret = bytes.fromhex(SECRET)
    # All at once: what waits for the broker waits in memory.
    delivery = DeliverySettings(queue_max_events=people + 1, max_block_ms=60_000)
    with PreferenceProducer(delivery=delivery) as producer:
        for number in range(0, people, OPTED_OUT_EVERY):
            producer.opt_out(subject_key(secret, IdentifierType.EMAIL, address(number)))
        producer.flush(WAIT_S)


@contextmanager
def pipeline(broker: ApacheKafka, folder: Path) -> Iterator[None]:
    """Topics, one gate and the recorder, as processes; settings of all commands are in the environment."""
    os.environ |= {
        "DISCLOSURE_KAFKA_BOOTSTRAP": broker.bootstrap,
        "DISCLOSURE_SUBJECT_SECRET": SECRET,
        "DISCLOSURE_LEDGER_DIR": str(folder / "ledger"),
        "DISCLOSURE_PRODUCER_OUTBOX_DIR": str(folder / "outbox"),
        "DISCLOSURE_PRODUCER_OUTBOX_AFTER_MS": "30000",
        "DISCLOSURE_GATE_PERMIT_TTL_S": "3600",
    }
    admin = TopicAdmin(KafkaSettings())
    admin.create()
    children = [ProgramChild(name, own_command(name), {}, folder / "logs") for name in ("gate", "recorder")]
    door = DoorClient(folder / "ledger" / SOCKET_FILE)
    try:
        for child in children:
            child.start()
        while not (door.is_open() and admin.group_member_count(GateSettings().group) == 1):
            if not all(child.is_running for child in children):
                raise RuntimeError("\n".join(child.log_tail() for child in children))
            time.sleep(0.1)
        yield
    finally:
        for child in children:
            child.stop()


if __name__ == "__main__":
    main()
