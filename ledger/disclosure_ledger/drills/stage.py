"""The stage of a drill: a pipeline under load, Prometheus watching it, and a clock for waiting."""

import threading
import time
from collections.abc import Callable

from disclosure_ledger.brokers.local import BrokerError
from disclosure_ledger.demo.sender import Sender
from disclosure_ledger.drills.load import Load
from disclosure_ledger.monitoring.prometheus import Alert, Prometheus
from disclosure_ledger.pipeline.pipeline import Pipeline

_TICK_S = 0.2


class Stage:
    """Everything a drill may touch. For the main thread, which started the processes.

    `tell` is given each step in words; `stop` ends the drill with KeyboardInterrupt once it is set.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        prometheus: Prometheus,
        sender: Sender,
        load: Load,
        *,
        tell: Callable[[str], object],
        stop: threading.Event,
    ) -> None:
        self.pipeline = pipeline
        self.prometheus = prometheus
        self.sender = sender
        self.tell = tell
        self.secret = bytes.fromhex(pipeline.settings["DISCLOSURE_SUBJECT_SECRET"])
        """Makes the subject keys of this pipeline."""
        self._load = load
        self._stop = stop
        self._fired: dict[str, Alert] = {}

    @property
    def fired(self) -> tuple[str, ...]:
        """Names of the alerts that were seen to fire, the first first."""
        return tuple(self._fired)

    def alert(self, name: str) -> Alert | None:
        """The alert, once it was seen to fire."""
        return self._fired.get(name)

    def until(
        self, is_so: Callable[[], bool], within_s: float, meanwhile: Callable[[], object] = lambda: None
    ) -> float | None:
        """Go on sending load until it is so; the seconds that took, or None where it never was."""
        began = time.monotonic()
        while (passed_s := time.monotonic() - began) < within_s:
            self._load.push()
            meanwhile()
            self.look()
            if is_so():
                return passed_s
            self.pause(_TICK_S)
        return None

    def look(self) -> None:
        """Remember what fires now."""
        for alert in self.prometheus.alerts():
            if alert.is_firing:
                self._fired.setdefault(alert.name, alert)

    def forget(self) -> None:
        """Forget what fired so far."""
        self._fired.clear()

    def pause(self, seconds: float) -> None:
        """Wait; raises KeyboardInterrupt once a signal came."""
        if self._stop.wait(seconds):
            raise KeyboardInterrupt

    def start_again(self, *names: str) -> None:
        """Start processes of the pipeline that were ended; raises BrokerError where one does not come."""
        for name in names:
            child = self.pipeline.child(name)
            if child.is_running:
                raise BrokerError(f"the {name} runs, although the drill ended it. Something else started it.")
            child.start()
            self.tell(f"The {name} is started again.")
        self.pipeline.wait_until_serving()
