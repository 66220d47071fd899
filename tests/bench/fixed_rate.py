"""Requests at a fixed rate over connections that stay open; late answers delay no later request."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

CONNECTIONS = 32

Body = Callable[[int], Any]
"""Body of the request of a number."""


@dataclass(frozen=True)
class Load:
    """What is sent how often: path, headers and bodies, requests a second."""

    path: str
    headers: Mapping[str, str]
    body: Body
    rate: float

    def request(self, number: int) -> bytes:
        """The bytes of one request."""
        content = json.dumps(self.body(number)).encode()
        lines = [
            f"POST {self.path} HTTP/1.1",
            "Host: 127.0.0.1",
            "Content-Type: application/json",
            f"Content-Length: {len(content)}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode() + content


async def milliseconds(port: int, load: Load, seconds: float) -> list[float]:
    """Times from the moment each request was due to its whole answer, which must be 200."""
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    begun = time.perf_counter() + 0.1
    requests = [load.request(number) for number in range(int(load.rate * seconds))]

    async def one(number: int, due: float) -> float:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        reader, writer = await free.get()
        writer.write(requests[number])
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        content = await reader.readexactly(int(length.partition(b":")[2]))
        free.put_nowait((reader, writer))
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{load.path} answered {head[:20]!r}: {content[:300]!r}")
        return (time.perf_counter() - due) * 1_000

    due = [begun + number / load.rate for number in range(len(requests))]
    times = await asyncio.gather(*(one(number, at) for number, at in enumerate(due)))
    while not free.empty():
        free.get_nowait()[1].close()
    return list(times)
