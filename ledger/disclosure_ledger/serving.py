"""An HTTP server in a thread of the process that has the ledger open; for the door and the API."""

import logging
import socket
import threading
import time
from collections.abc import Mapping
from typing import Any

import uvicorn

_START_TIMEOUT_S = 10.0
_GRACE_S = 5
"""How long a request in progress may take when the server stops."""

SERVING: Mapping[str, Any] = {
    "ws": "none",
    "lifespan": "off",
    "log_config": None,
    # Paths and queries are not logged: a log must not say who was looked up.
    "access_log": False,
    "server_header": False,
    "timeout_graceful_shutdown": _GRACE_S,
}
"""What every server here has in common."""

_log = logging.getLogger(__name__)


class ServerThread:
    """One server on one listening socket. It takes no signal handlers; its thread ends with the process."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket, name: str) -> None:
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, args=(listener,), name=name, daemon=True)

    def start(self) -> bool:
        """Serve; True once requests are answered, False if that does not happen."""
        self._thread.start()
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                return False
            time.sleep(0.005)
        return True

    def stop(self) -> None:
        """Finish what is being answered and end."""
        self._server.should_exit = True
        self._thread.join()

    def _serve(self, listener: socket.socket) -> None:
        try:
            self._server.run(sockets=[listener])
        except Exception:  # noqa: BLE001 - whatever ends this thread is logged; `start` then says so
            _log.exception("%s failed", self._thread.name)
        finally:
            listener.close()
