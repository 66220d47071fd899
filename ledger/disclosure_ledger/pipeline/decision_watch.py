"""Waits for the decision of one request: reads the decisions from where they ended before the request."""

import time

from confluent_kafka import Consumer, TopicPartition

from disclosure_consumers.codecs import event_codec
from disclosure_ledger.kafka_offsets import BrokerOffsets
from disclosure_producers.settings import KafkaSettings, RegistrySettings
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.topics import DECIDED

ANSWER_WAIT_S = 10.0
"""Longest wait for the broker's answer to one question."""

_POLL_S = 0.2


class DecisionWatch:
    """Make it before the request is sent, so that the decision cannot be missed.

    Raises AuditBrokerError where the broker or its topics are not there.
    """

    def __init__(self, kafka: KafkaSettings, schemas: RegistrySettings | None = None) -> None:
        self._kafka = kafka
        self._schemas = schemas or RegistrySettings()
        with BrokerOffsets(kafka, request_timeout_s=ANSWER_WAIT_S) as offsets:
            self._ends = {number: extent.high for number, extent in offsets.extents(DECIDED).items()}

    def decision_of(self, partition: int, offset: int, wait_s: float) -> DisclosureDecided | None:
        """The decision of the request at these coordinates of disclosures.requested; None if none comes.

        The gate writes a decision into the partition of its request.
        """
        topic = self._kafka.topic(DECIDED)
        codec = event_codec(DisclosureDecided, topic=topic, settings=self._schemas)
        deadline = time.monotonic() + wait_s
        consumer = Consumer(
            {
                **self._kafka.consumer_config(),
                "group.id": "decision-watch",  # required by the client; never used for offsets or membership
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 50,
            }
        )
        with consumer:
            consumer.assign([TopicPartition(topic, partition, self._ends[partition])])
            while (left_s := deadline - time.monotonic()) > 0:
                message = consumer.poll(min(_POLL_S, left_s))
                if message is None or message.error() is not None:
                    continue
                decided = codec.decode(message.value() or b"")
                if (decided.request_partition, decided.request_offset) == (partition, offset):
                    return decided
        return None
