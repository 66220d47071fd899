"""A process that emits until it is killed and prints each acknowledged event: event id, outcome.

Arguments: bootstrap, topic prefix, outbox folder.
"""

import itertools
import sys
import threading
import uuid

from disclosure_producers.client import DisclosureProducer
from disclosure_producers.receipts import Receipt
from disclosure_producers.settings import KafkaSettings

SUBJECTS = 5
PAUSE_S = 0.0005


def tell(receipt: Receipt) -> None:
    """Print an acknowledged event at once, on one line."""
    sys.stdout.write(f"{receipt.event_id} {type(receipt.result(0)).__name__}\n")
    sys.stdout.flush()


def main() -> None:
    """Emit until killed."""
    bootstrap, topic_prefix, outbox_dir = sys.argv[1:]
    kafka = KafkaSettings(bootstrap=bootstrap, topic_prefix=topic_prefix)
    producer = DisclosureProducer("crm", kafka=kafka, outbox_dir=outbox_dir)
    pause = threading.Event()
    for number in itertools.count():
        receipt = producer.disclose(
            uuid.UUID(int=number % SUBJECTS), to="harborlight", kind="sale", items=["identifiers"]
        )
        receipt.add_done_callback(tell)
        pause.wait(PAUSE_S)


if __name__ == "__main__":
    main()
