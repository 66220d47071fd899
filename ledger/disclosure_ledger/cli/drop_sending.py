"""Sending the matches of a deletion list as preferences, the same events for the same list."""

import hashlib
import time
import uuid
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from disclosure_consumers.core.drop.hashing import DropList
from disclosure_consumers.core.drop.matching import Match
from disclosure_producers.errors import BackpressureError, NotAcknowledgedError, OutboxFullError
from disclosure_producers.preference_producer import PreferenceProducer
from disclosure_producers.receipts import Delivered, Receipt, wait_for_all
from disclosure_schemas.event_ids import event_id_bytes
from disclosure_schemas.moments import microseconds

_EVENTS_AT_ONCE = 1_000
_WAIT_S = 30.0
_ROOM_POLL_S = 0.05


class Sent(NamedTuple):
    """How many events are in the topic, and how many in the outbox because the broker is away."""

    delivered: int
    stored: int


def drop_match_event_id(
    drop_list: DropList, match: Match, subject_key: bytes, received_at: datetime
) -> uuid.UUID:
    """Event id of one match: the same whenever list, entry, subject and moment are, so a repeat is known.

    A version 7 id is a time and 74 bits that must not collide; here they are the moment of the list and bits
    of a hash of all that the event says.
    """
    said = "\0".join((drop_list, match.id, subject_key.hex(), str(match.all_exempt)))
    unix_ms = microseconds(received_at) // 1000
    return uuid.UUID(bytes=event_id_bytes(unix_ms, hashlib.sha256(said.encode()).digest()[:10]))


def send_matches(
    producer: PreferenceProducer, drop_list: DropList, matched: Iterable[Match], received_at: datetime
) -> Sent:
    """Send one `drop_match` for each subject of each match, and wait until all are delivered or stored.

    Raises EventRefusedError, OutboxFullError, NotAcknowledgedError. What was sent until then stays sent;
    sending everything again repeats the same events.
    """
    delivered = stored = 0
    pairs = ((match, key) for match in matched for key in match.subject_keys)
    while batch := list(islice(pairs, _EVENTS_AT_ONCE)):
        receipts = [_send(producer, drop_list, match, key, received_at=received_at) for match, key in batch]
        waiting = wait_for_all(receipts, _WAIT_S)
        if waiting:
            raise NotAcknowledgedError(
                f"{len(waiting):,} of {len(receipts):,} events were neither delivered nor stored within "
                f"{_WAIT_S:g} s. Expected an answer of the broker or room in the outbox; look at both and "
                "run the same command again, which sends the same events."
            )
        in_topic = sum(isinstance(receipt.result(0), Delivered) for receipt in receipts)
        delivered += in_topic
        stored += len(receipts) - in_topic
    return Sent(delivered, stored)


def _send(
    producer: PreferenceProducer, drop_list: DropList, match: Match, key: bytes, *, received_at: datetime
) -> Receipt:
    deadline_s = time.monotonic() + _WAIT_S
    while True:
        try:
            return producer.drop_match(
                uuid.UUID(bytes=key),
                drop_list=drop_list.value,
                drop_id=match.id,
                all_exempt=match.all_exempt,
                occurred_at=received_at,
                event_id=drop_match_event_id(drop_list, match, key, received_at),
            )
        except OutboxFullError:
            raise
        except BackpressureError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(_ROOM_POLL_S)
