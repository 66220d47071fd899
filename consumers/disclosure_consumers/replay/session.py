"""One look at the whole log: the history of the subjects, and the decisions one after the other."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from disclosure_consumers.core.registry import FOREVER_US, Period, Policy
from disclosure_consumers.replay.control_records import ControlCodecs
from disclosure_consumers.replay.reading import OpenLog, Progress, Unreadable, decisions_in, open_log
from disclosure_consumers.replay.stored_decisions import StoredDecision
from disclosure_consumers.replay.topic_log import TopicLog, TopicNames
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.events.decision import DisclosureDecided


class Window(NamedTuple):
    """Which decisions: made within [since_us, until_us), at most `limit` of them."""

    since_us: int = -FOREVER_US
    until_us: int = FOREVER_US
    limit: int | None = None


class Session:
    """Reads one log; `progress` is told how many more records were read."""

    def __init__(
        self,
        log: TopicLog,
        names: TopicNames,
        decided: EventCodec[DisclosureDecided],
        control: ControlCodecs,
        *,
        progress: Progress = lambda _: None,
    ) -> None:
        self._log = log
        self._names = names
        self._decided = decided
        self._control = control
        self._progress = progress

    def open(self, policy: Policy) -> OpenLog:
        """Read the control topics whole; raises StateUnreadableError."""
        return open_log(self._log, self._names, self._control, policy, self._progress)

    def decisions(self, opened: OpenLog, window: Window) -> Iterator[StoredDecision | Unreadable]:
        """Yield the decisions of a window, partition by partition."""
        found = decisions_in(
            self._log,
            self._names.decided,
            opened.decisions,
            self._decided,
            period=Period(window.since_us, window.until_us),
            progress=self._progress,
        )
        return islice(found, window.limit)
