"""Serves the door in a thread of the process that has the ledger open."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Self

import uvicorn
from litestar import Litestar

from disclosure_ledger.audit.result import AuditResult
from disclosure_ledger.audit.run import AuditBroker, audit
from disclosure_ledger.door.app import door_app
from disclosure_ledger.door.errors import DoorClosingError, DoorError
from disclosure_ledger.door.questions import AuditQuestion
from disclosure_ledger.door.reader import LedgerReader
from disclosure_ledger.door.sockets import SOCKET_FILE, listening
from disclosure_ledger.serving import SERVING, ServerThread

OpenBroker = Callable[[], AbstractContextManager[AuditBroker]]
"""Opens a connection to the broker for one audit; called on the thread that audits."""


class Door:
    """A unix socket `door.sock` (mode 0600) in the ledger folder, behind which a reader's answers are served.

    Start it after the ledger is open and stop it before the ledger is closed. It takes no signal handlers and
    its thread ends with the process. Without `open_broker` only the ledger's half of an audit is served.
    """

    def __init__(self, folder: Path, reader: LedgerReader, open_broker: OpenBroker | None = None) -> None:
        self.path = folder.absolute() / SOCKET_FILE
        self._reader = reader
        self._open_broker = open_broker
        self._app = door_app(reader, self._run_audit if open_broker is not None else None)
        self._closing = threading.Event()
        self._serving: tuple[ServerThread, int] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen and serve; returns when questions are answered. Raises DoorInUseError, DoorError."""
        if self._serving is not None:
            raise DoorError(f"the door at {self.path} is open already.")
        listener = listening(self.path)
        self._closing.clear()
        server = ServerThread(_config(self._app), listener, "ledger-door")
        self._serving = server, self.path.stat().st_ino
        if not server.start():
            self.stop()
            raise DoorError(f"the door at {self.path} did not open; the log says why.")

    def stop(self) -> None:
        """Finish what is being answered, stop listening, remove the socket file; twice is fine."""
        if self._serving is None:
            return
        server, inode = self._serving
        self._closing.set()
        server.stop()
        self._serving = None
        # Only the own file: another door may have put its own in this place.
        if self.path.exists() and self.path.stat().st_ino == inode:
            self.path.unlink()

    def _run_audit(self, question: AuditQuestion) -> AuditResult:
        assert self._open_broker is not None, "the route refuses audits without a broker"
        with self._open_broker() as broker:
            return audit(
                self._reader,
                broker,
                wait_s=question.wait_s,
                verify_limit=question.verify_limit,
                deep=question.deep,
                sleep=self._sleep,
            )

    def _sleep(self, seconds: float) -> None:
        if self._closing.wait(seconds):
            raise DoorClosingError


def _config(app: Litestar) -> uvicorn.Config:
    return uvicorn.Config(app, **SERVING, http="h11", loop="asyncio")
