"""Audits again and again beside a recorder, so that an imbalance is seen without anybody asking."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

import structlog

from disclosure_ledger.audit.run import AuditBroker, AuditLedger, audit
from disclosure_schemas.errors import DisclosureError

_log = structlog.get_logger(__name__)

_WAIT_S = 5.0
"""How long one audit waits for what is on its way."""


@dataclass(frozen=True, slots=True)
class AuditState:
    """What the last audit that came to an end found; None where none did.

    `ended_at_s`: by the monitor's clock. `sequence_gaps`: numbers of producers that no decision has.
    """

    imbalance: int | None = None
    waiting: int | None = None
    sequence_gaps: int | None = None
    ended_at_s: float | None = None

    def age_s(self, now_s: float) -> float | None:
        """Seconds since."""
        return None if self.ended_at_s is None else max(0.0, now_s - self.ended_at_s)


class AuditMonitor:
    """Runs audits on a thread of its own, from entering to leaving the `with` block.

    A broker or ledger that is away ends an audit without a finding; the age of the last one then grows.
    """

    def __init__(
        self,
        ledger: AuditLedger,
        open_broker: Callable[[], AbstractContextManager[AuditBroker]],
        *,
        every_s: float,
        sequence_gaps: Callable[[], int],
        clock_s: Callable[[], float],
    ) -> None:
        self._ledger = ledger
        self._open_broker = open_broker
        self._every_s = every_s
        self._sequence_gaps = sequence_gaps
        self._clock_s = clock_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="audit-monitor", daemon=True)
        self.state = AuditState()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def look(self) -> AuditState:
        """Audit once; raises the broker's and the ledger's errors."""
        with self._open_broker() as broker:
            result = audit(self._ledger, broker, wait_s=_WAIT_S, clock=self._clock_s, sleep=self._sleep)
        waiting = sum(run.last - run.first + 1 for runs in result.waiting.values() for run in runs)
        self.state = replace(
            self.state,
            imbalance=result.imbalance,
            waiting=waiting,
            sequence_gaps=self._sequence_gaps(),
            ended_at_s=self._clock_s(),
        )
        return self.state

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self.look()
            except _StoppedError:
                return
            except DisclosureError as error:
                _log.warning("audit could not be made, trying again later", cause=str(error))
            except Exception:  # noqa: BLE001 - it must outlive every error: the age of the last audit tells
                _log.exception("audit failed, trying again later")

    def _sleep(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise _StoppedError


class _StoppedError(Exception):
    """The monitor is ending."""
