"""The gate's loop: take, barrier, decide, deliver. It knows ports only.

    consume -> read barrier (G1) -> decide (pure) -> decisions, dead letters, offsets in one transaction (G2)

Every message taken becomes exactly one record (G3). Nothing here decides anything.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import structlog

from disclosure_consumers.control_tables import ControlTables
from disclosure_consumers.core.registry import Registry
from disclosure_consumers.deciding import Decider
from disclosure_consumers.gate_meter import GateMeter, Lag
from disclosure_consumers.ports import FencedError, Message, Sink, Source, TransactionAbortedError
from disclosure_consumers.trace_links import BatchSpans
from disclosure_consumers.wall_clock import wall_clock_us

_log = structlog.get_logger(__name__)

_IDLE_WAIT_S = 0.1
_LAG_EVERY_US = 1_000_000


class StepReport(NamedTuple):
    """What one turn of the loop did."""

    decided: int
    dead_lettered: int
    aborted: bool = False


class Gate:
    """One gate: a member of the group that decides its share of the requests."""

    def __init__(
        self,
        source: Source,
        sink: Sink,
        control: ControlTables,
        decider: Decider,
        *,
        batch_events: int,
        barrier_timeout_s: float,
        clock_us: Callable[[], int] = wall_clock_us,
        new_registry: Callable[[], Registry | None] | None = None,
        meter: GateMeter | None = None,
    ) -> None:
        self._source = source
        self._sink = sink
        self._control = control
        self._decider = decider
        self._batch_events = batch_events
        self._barrier_timeout_s = barrier_timeout_s
        self._clock_us = clock_us
        self._new_registry = new_registry
        self._meter = meter or GateMeter()
        self._spans = BatchSpans("gate")
        self._last_taken_us: int | None = None
        self._look_at_lag_us = 0

    def step(self) -> StepReport | None:
        """Take and decide one batch; None when there was nothing to decide."""
        self._reload()
        messages = self._source.take(self._batch_events, _IDLE_WAIT_S)
        self._look_at_lag(messages)
        if not messages:
            self._control.idle()
            self._control.keep()
            return None
        seen = self._control.barrier(self._barrier_timeout_s)
        began_us = self._clock_us()
        batch = self._decider.decide(messages, self._control.subjects, seen, began_us)
        try:
            # Which contexts the span links to is known only now; it began with the deciding.
            with self._spans.span("decide batch", batch.traces, len(messages), began_us=began_us):
                self._sink.deliver(batch.records, batch.next_offsets)
        except FencedError:
            self._meter.not_committed("fenced")
            raise
        except TransactionAbortedError as error:
            self._decider.tallies.take()  # what was not written does not count
            self._meter.not_committed("aborted")
            _log.warning("batch taken again", events=len(messages), cause=str(error))
            self._source.rewind(batch.first_offsets)
            return StepReport(0, 0, aborted=True)
        if batch.dead_lettered:
            _log.warning(
                "requests put aside",
                count=batch.dead_lettered,
                causes=sorted(set(batch.causes)),
                first=[record.line() for record in batch.put_aside],
            )
        self._meter.committed(messages, self._decider.tallies.take(), batch.causes, self._clock_us())
        self._control.keep()
        return StepReport(batch.decided, batch.dead_lettered)

    def _look_at_lag(self, messages: Sequence[Message]) -> None:
        """Tell once a second how much waits."""
        if messages:
            timestamp_ms = messages[-1].timestamp()[1]
            self._last_taken_us = timestamp_ms * 1000 if timestamp_ms > 0 else None
        now_us = self._clock_us()
        if now_us >= self._look_at_lag_us:
            self._look_at_lag_us = now_us + _LAG_EVERY_US
            self._meter.is_behind(Lag(self._source.behind(), self._last_taken_us))

    def _reload(self) -> None:
        """Take in a changed registry between two batches, so that none is decided by both."""
        registry = self._new_registry() if self._new_registry else None
        if registry is not None:
            self._decider.obey(registry)
            self._control.subjects.obey(registry.policy)
            _log.info("registry reloaded", registry_hash=registry.content_hash.hex())

    def run(
        self, should_stop: Callable[[], bool], on_step: Callable[[StepReport], None] | None = None
    ) -> None:
        """Decide until told to stop; the batch in hand is finished, then the group is left."""
        try:
            while not should_stop():
                report = self.step()
                if report is not None and on_step is not None:
                    on_step(report)
        finally:
            self._source.close()
            self._sink.close()
            self._control.close()
