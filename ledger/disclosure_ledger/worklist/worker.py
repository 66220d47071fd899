"""Keeps the worklist up to date, and sends, in a thread of the process that has the ledger open."""

import os
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Self

import structlog

from disclosure_ledger.worklist.channels.choosing import Channels
from disclosure_ledger.worklist.operations import WORKLIST_UPDATE
from disclosure_ledger.worklist.sending import Asks, send_round
from disclosure_ledger.worklist.settings import WorklistSettings
from disclosure_ledger.worklist.views import UpdateQuestion
from disclosure_schemas.errors import DisclosureError

_log = structlog.get_logger(__name__)

RECORDER = "recorder"
"""Who acted, where the recorder did."""


class WorklistWorker:
    """One turn every `interval_s`: look at what was recorded, and send what is due where that is wanted.

    What goes wrong in a turn is logged and tried again in the next: the recorder must not stop for it. Start
    it after the ledger is open and stop it before the ledger is closed.
    """

    def __init__(
        self, reader: Asks, settings: WorklistSettings, environment: Mapping[str, str] = os.environ
    ) -> None:
        self._reader = reader
        self._settings = settings
        self._environment = environment
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worklist", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Finish the message in hand, then stop."""
        self._stop.set()
        self._thread.join()

    def turn(self) -> None:
        """Look once, and send once where that is wanted; raises DisclosureError."""
        done = self._reader.ask(WORKLIST_UPDATE, UpdateQuestion())
        if done.opened or done.changed:
            _log.info("worklist changed", opened=done.opened, changed=done.changed)
        if not self._settings.send:
            return
        with Channels(self._settings, self._environment, _now) as channels:
            told = send_round(
                self._reader,
                channels,
                self._settings.schedule(),
                _now,
                by=RECORDER,
                should_stop=self._stop.is_set,
            )
        if told.messages:
            _log.info("recipients told", **told.model_dump())

    def _run(self) -> None:
        while not self._stop.wait(self._settings.interval_s):
            try:
                self.turn()
            except DisclosureError as error:
                _log.error("the worklist was not brought up to date", error=str(error))
            except Exception:  # noqa: BLE001 - the recorder goes on, and the log has the traceback
                _log.exception("a fault of the worklist")


def _now() -> datetime:
    return datetime.now(UTC)
