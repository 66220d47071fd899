"""Drill clock-skew: the clock of one application is hours ahead, that of another hours behind."""

import time
from datetime import UTC, datetime, timedelta

from disclosure_ledger.demo.catalogue import SALE
from disclosure_ledger.demo.stream import email_of
from disclosure_ledger.drills.drill import Drill
from disclosure_ledger.drills.stage import Stage
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.vocabulary import Mode
from disclosure_schemas.subject_keys import IdentifierType, subject_key

_SKEWS = (timedelta(hours=3), timedelta(hours=-3))
_EVENTS_EACH = 20
_PERSON = 7


def _breaks(stage: Stage) -> None:
    _send(stage)
    stage.tell(
        "One application's clock is three hours ahead, another's three hours behind. The gate judges what is "
        "asked by its own clock, so an opt-out counts at once whatever they believe; all of it is decided."
    )


def _send(stage: Stage) -> None:
    """What applications with wrong clocks put on the topic: sound events with the moment they believe in."""
    key = subject_key(stage.secret, IdentifierType.EMAIL, email_of(_PERSON))
    for skew in _SKEWS:
        believed = datetime.now(UTC) + skew
        producer_id = new_event_id(time.time_ns() // 1_000_000)
        for sequence in range(_EVENTS_EACH):
            stage.sender.send_event(
                DisclosureRequested(
                    event_id=new_event_id(int(believed.timestamp() * 1000)),
                    subject_key=key,
                    producer_id=producer_id,
                    occurred_at=believed,
                    emitted_at=believed,
                    sequence=sequence,
                    disclosure=SALE.disclosure(SALE.recipients[0], SALE.item_sets[0], mode=Mode.REQUEST),
                )
            )


def _repairs(stage: Stage) -> None:
    stage.tell(
        "The clocks are set (chrony or ntpd on their machines). Requests need no repair; reports that were "
        "judged by a wrong moment are corrected by the application with `corrects_event_id`."
    )


CLOCK_SKEW = Drill(
    name="clock-skew",
    about="The clocks of two applications are hours wrong.",
    alert="DisclosureClockAhead",
    breaks=_breaks,
    repairs=_repairs,
)
