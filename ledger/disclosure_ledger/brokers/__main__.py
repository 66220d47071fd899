"""Runs one broker in the foreground: ``python -m disclosure_ledger.brokers --kind apache --home DIR``."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from disclosure_ledger.brokers.apache import ApacheKafka
from disclosure_ledger.brokers.embedded import EMBEDDED_NOTICE, EmbeddedBroker
from disclosure_ledger.brokers.local import BrokerError
from disclosure_ledger.brokers.registry import SchemaRegistry
from disclosure_ledger.brokers.server import LocalServer

_LOOK_EVERY_S = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the broker asked for, tell its address and end it with SIGINT or SIGTERM."""
    asked = _parser().parse_args(arguments)
    server = _server(asked)
    end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: end.set())
    try:
        server.install()
        if end.is_set():
            return 0
        with server:
            _say(_greeting(server))
            while not end.wait(_LOOK_EVERY_S):
                if not server.is_running:
                    _complain(f"{server.name} ended by itself. Read why in {server.log}.")
                    return 1
    except BrokerError as error:
        _complain(str(error))
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m disclosure_ledger.brokers", description=__doc__)
    parser.add_argument("--kind", choices=["apache", "embedded", "registry"], required=True)
    parser.add_argument("--home", type=Path, required=True, help="folder of the data, the log and the ports")
    parser.add_argument("--port", type=int, help="default: chosen once and kept in the home")
    parser.add_argument("--cache", type=Path, help="folder of the fetched programs (default: HOME/.kafka)")
    parser.add_argument("--tuned", action="store_true", help="apache: slower start, more throughput")
    return parser


def _server(asked: argparse.Namespace) -> LocalServer:
    match asked.kind:
        case "apache":
            return ApacheKafka(asked.home, asked.port, cache=asked.cache, tuned=asked.tuned)
        case "registry":
            return SchemaRegistry(asked.home, asked.port, cache=asked.cache)
        case _:
            return EmbeddedBroker(asked.home, asked.port)


def _greeting(server: LocalServer) -> str:
    match server:
        case SchemaRegistry():
            return f"schema.registry.url={server.url}"
        case EmbeddedBroker():
            return f"bootstrap.servers={server.bootstrap}\n{EMBEDDED_NOTICE}"
        case _:
            return f"bootstrap.servers={server.address}"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _complain(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
