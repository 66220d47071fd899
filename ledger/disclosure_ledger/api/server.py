"""Serves the API on TCP, with TLS where a certificate is set."""

import socket
import ssl
from typing import Self

import uvicorn
from litestar import Litestar

from disclosure_ledger.api.errors import ApiError
from disclosure_ledger.api.settings import ApiSettings
from disclosure_ledger.serving import SERVING, ServerThread

_BACKLOG = 512


class ApiServer:
    """One listening address; start it when everything behind it runs, and stop it first."""

    def __init__(self, app: Litestar, settings: ApiSettings) -> None:
        """Listen; raises ApiError where the address or the certificate cannot be used."""
        assert settings.port is not None, "the caller has looked"
        self._settings = settings
        self._listener = _listening(settings.host, settings.port)
        self.port: int = self._listener.getsockname()[1]
        config = uvicorn.Config(
            app,
            **SERVING,
            http="httptools",
            loop="uvloop",
            ssl_certfile=settings.tls_cert,
            ssl_keyfile=settings.tls_key,
        )
        try:
            config.load()
        except (OSError, ssl.SSLError) as error:
            self._listener.close()
            raise ApiError(
                f"the certificate {settings.tls_cert} and key {settings.tls_key} cannot be used: {error}. "
                "Both are PEM files; the key belongs to the certificate and has no passphrase."
            ) from error
        self._server = ServerThread(config, self._listener, "ledger-api")

    def __enter__(self) -> Self:
        if not self._server.start():
            raise ApiError(f"the API at {self.address} did not start; the log says why.")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def address(self) -> str:
        """Where it listens, as an address for browsers."""
        scheme = "https" if self._settings.tls_cert is not None else "http"
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        return f"{scheme}://{host}:{self.port}"


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise ApiError(
            f"the API cannot listen at {host}, port {port}: {error.strerror}. Set DISCLOSURE_API_HOST and "
            "DISCLOSURE_API_PORT to an address of this machine that is free."
        ) from error
    return listener
