"""What a gate counts: a few additions a batch, from tallies that equal answers share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from disclosure_consumers.core.reasons import Reason
from disclosure_consumers.core.registry import Contract, Registry
from disclosure_consumers.core.verdict import RULE_VERSION, Verdict
from disclosure_consumers.metering.build import product_version
from disclosure_consumers.metering.meter import LabelValues, Meter
from disclosure_consumers.ports import Message
from disclosure_schemas import layout
from disclosure_schemas.events.vocabulary import DeadLetterCause, Mode, Outcome, PreferenceState
from disclosure_schemas.framing import SINGLE_OBJECT_HEADER_BYTES
from disclosure_schemas.metrics import gate as metrics
from disclosure_schemas.metrics.metric import Process
from disclosure_schemas.metrics.table import build_info, metrics_of
from disclosure_schemas.moments import from_microseconds, microseconds

LOOKED_AT_MAX = 64
"""Most requests of a batch whose times are read; the cost of reading all would be that of deciding."""

_CLOCK_AHEAD_US = 5_000_000
_NO_TIMESTAMP = 0
_HORIZONS_DAYS = (7, 30, 90)


class Tally:
    """How many decisions of the batch in hand have the same labels; shared by all answers with these."""

    __slots__ = ("count", "labels")

    def __init__(self, labels: LabelValues) -> None:
        self.labels = labels
        self.count = 0


class Tallies:
    """The tallies of a decider. Labels are bounded, so it stays small."""

    def __init__(self) -> None:
        self._tallies: dict[LabelValues, Tally] = {}

    def of(self, verdict: Verdict, mode: Mode) -> Tally:
        """Tally of verdicts like this one."""
        category = verdict.recipient_category or "none"
        labels = (mode, verdict.outcome, verdict.reason, verdict.kind, category)
        tally = self._tallies.get(labels)
        if tally is None:
            tally = self._tallies[labels] = Tally(labels)
        return tally

    def take(self) -> list[tuple[LabelValues, int]]:
        """Counts of the batch in hand, which are set back."""
        counted = [(tally.labels, tally.count) for tally in self._tallies.values() if tally.count]
        for tally in self._tallies.values():
            tally.count = 0
        return counted


class Lag(NamedTuple):
    """What this gate has not taken: offsets by partition; and when the last taken was acknowledged."""

    events: Mapping[int, int]
    last_taken_us: int | None


class GateMeter:
    """The metrics of one gate; all but `meter` is for the gate's thread."""

    def __init__(self) -> None:
        self.meter = Meter(metrics_of(Process.GATE))
        self._lag = Lag({}, None)
        self._restore_s = 0.0
        self.meter.start_at_zero(metrics.DEAD_LETTERS, [(cause,) for cause in DeadLetterCause])
        self.meter.start_at_zero(metrics.VIOLATIONS, [(reason,) for reason in Reason])
        self.meter.start_at_zero(metrics.BARRIERS, [(state,) for state in _BARRIER_STATES])
        self.meter.start_at_zero(metrics.TRANSACTIONS, [("committed",), ("aborted",), ("fenced",)])
        labels = (product_version(), RULE_VERSION)
        self.meter.gauge(build_info(Process.GATE), lambda: {labels: 1.0})
        self.meter.gauge(metrics.STATE_RESTORE_SECONDS, lambda: {(): self._restore_s})
        self.meter.gauge(metrics.LAG_EVENTS, lambda: {(str(p),): n for p, n in self._lag.events.items()})

    def watch(
        self,
        *,
        state_age_s: Callable[[], float],
        subjects: Callable[[], int],
        registry: Callable[[], Registry],
        is_registry_broken: Callable[[], bool],
        now_us: Callable[[], int],
    ) -> None:
        """Have gauges of what others know, asked for at every scrape."""
        gauge = self.meter.gauge
        gauge(metrics.STATE_AGE_SECONDS, lambda: {(): state_age_s()})
        gauge(metrics.STATE_SUBJECTS, lambda: {(): float(subjects())})
        gauge(metrics.REGISTRY_BROKEN, lambda: {(): float(is_registry_broken())})
        gauge(metrics.CONTRACTS_EXPIRING, lambda: contracts_expiring(registry(), now_us()))
        gauge(metrics.LAG_SECONDS, lambda: {(): self._lag_s(now_us())})

    def restored(self, seconds: float) -> None:
        """The preference state is there, after so long."""
        self._restore_s = seconds

    def waited_at_barrier(self, seconds: float, state: PreferenceState) -> None:
        """A batch may be decided."""
        self.meter.observe(metrics.BARRIER_SECONDS, seconds)
        self.meter.add(metrics.BARRIERS, labels=(state,))

    def took_control(self, messages: Iterable[Message], now_us: int) -> None:
        """This gate decides by these preferences and links from now on."""
        for message in messages:
            timestamp_type, timestamp_ms = message.timestamp()
            if timestamp_type != _NO_TIMESTAMP:
                self.meter.observe(metrics.PROPAGATION_SECONDS, max(0.0, now_us / 1e6 - timestamp_ms / 1e3))

    def could_not_read_control(self) -> None:
        """A record of a control topic could not be read."""
        self.meter.add(metrics.UNREAD_CONTROL_RECORDS)

    def committed(
        self,
        messages: Sequence[Message],
        counted: Iterable[tuple[LabelValues, int]],
        causes: Iterable[str],
        now_us: int,
    ) -> None:
        """A batch and its answers are in the topics."""
        add = self.meter.add
        add(metrics.TRANSACTIONS, labels=("committed",))
        for labels, count in counted:
            add(metrics.DECISIONS, count, labels)
            if labels[1] == Outcome.VIOLATION:
                add(metrics.VIOLATIONS, count, (labels[2],))
        for cause in causes:
            add(metrics.DEAD_LETTERS, labels=(cause,))
        self._look_at(messages, now_us)

    def not_committed(self, result: str) -> None:
        """A transaction was `aborted`, or this gate was `fenced`."""
        self.meter.add(metrics.TRANSACTIONS, labels=(result,))

    def is_behind(self, lag: Lag) -> None:
        """How much of what is on the broker was not taken."""
        self._lag = lag

    def _lag_s(self, now_us: int) -> float:
        events, last_taken_us = self._lag
        waits = last_taken_us is not None and any(events.values())
        return max(0.0, (now_us - last_taken_us) / 1e6) if waits and last_taken_us is not None else 0.0

    def _look_at(self, messages: Sequence[Message], now_us: int) -> None:
        step = -(-len(messages) // LOOKED_AT_MAX)
        looked_at = messages[::step] if step > 1 else messages
        weight = len(messages) / len(looked_at)
        for message in looked_at:
            timestamp_type, timestamp_ms = message.timestamp()
            if timestamp_type == _NO_TIMESTAMP:
                continue
            seconds = max(0.0, now_us / 1e6 - timestamp_ms / 1e3)
            self.meter.observe(metrics.DECISION_SECONDS, seconds, weight)
            emitted_us = _emitted_us(message.value() or b"")
            if emitted_us is not None and emitted_us > timestamp_ms * 1000 + _CLOCK_AHEAD_US:
                self.meter.add(metrics.CLOCK_AHEAD)


_BARRIER_STATES = (PreferenceState.CURRENT, PreferenceState.STALE, PreferenceState.UNAVAILABLE)


def _emitted_us(value: bytes) -> int | None:
    """When the sender says it sent a request of the common form."""
    body = value[SINGLE_OBJECT_HEADER_BYTES if value[:1] == b"\xc3" else 5 :]
    return layout.read_zigzag_varint(body[layout.EMITTED_AT]) if layout.disclosure_start(body) else None


def contracts_expiring(registry: Registry, now_us: int) -> dict[LabelValues, float]:
    """How many contracts in force end within 7, 30 and 90 days with none of their type to follow."""
    now = from_microseconds(now_us)
    ends = [
        contract.period.until_us
        for recipient in registry.recipients.values()
        for contract in recipient.contracts
        if contract.period.holds(now_us) and not _is_followed(contract, recipient.contracts)
    ]
    horizons = {days: microseconds(now + timedelta(days=days)) for days in _HORIZONS_DAYS}
    return {(str(days),): float(sum(end <= limit for end in ends)) for days, limit in horizons.items()}


def _is_followed(contract: Contract, others: Sequence[Contract]) -> bool:
    end = contract.period.until_us
    return any(
        other.type == contract.type and other.period.from_us <= end < other.period.until_us
        for other in others
    )
