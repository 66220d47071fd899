"""Clocks of requests and worklist items as pages show them. Pure."""

from dataclasses import dataclass
from datetime import date

from disclosure_ledger.requests.views import RequestView
from disclosure_ledger.requests.vocabulary import Status

STATUS_TONES = {
    Status.OVERDUE: ("Late", "wrong"),
    Status.DUE_SOON: ("Due soon", "notify"),
    Status.OPEN: ("Open", "disclosed"),
    Status.CLOSED: ("Closed", "mute"),
}
"""How a request stands, in words, and the tone of its badge."""


@dataclass(frozen=True, slots=True)
class ClockFace:
    """One clock: how many of its days are gone, its tone, whether it was met."""

    duty: str
    rule: str
    last_day: date
    days: int
    gone: int
    tone: str
    done_on: date | None
    is_late: bool
    promised: date | None
    extended: date | None


def faces(view: RequestView, received: date, today: date) -> tuple[ClockFace, ...]:
    """The clocks of a request on a day in California."""
    made = []
    for clock in view.clocks:
        days = max(1, (clock.last_day - received).days)
        gone = min(days, max(0, ((clock.done_on or today) - received).days))
        late = clock.is_late(today)
        near = (clock.last_day - today).days <= 5 and clock.done_on is None
        made.append(
            ClockFace(
                duty=clock.duty.value,
                rule=clock.rule,
                last_day=clock.last_day,
                days=days,
                gone=gone,
                tone="wrong" if late else "notify" if near else "good" if clock.done_on else "disclosed",
                done_on=clock.done_on,
                is_late=late,
                promised=clock.promised,
                extended=clock.extended,
            )
        )
    return tuple(made)
