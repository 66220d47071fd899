"""Checks and one person's answer over HTTP at a fixed rate, at rest and while rows are recorded.

python -m bench.api [--rows 1000000] [--check-rate 500] [--answer-rate 20] [--ingest 10000] [--seconds 20]

Beside them a route that only reads and writes a body, behind the same credentials, limits and headers: the
bound. Server and client are two processes on the same cores. Times count from the moment a request was due.
`process`: processor time of the whole server, with what it records meanwhile, by request.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.api_server import SUBJECTS_WITH_PREFERENCES
from bench.fixed_rate import Load, milliseconds
from bench.ledger_rows import Plan, subject_key
from bench.lookup_contestants import percentiles

_SETTLE_S = 2.0


def loads(key: str, plan: Plan, check_rate: float, answer_rate: float) -> list[Load]:
    """What is asked: the bound, checks of many subjects, answers of people chosen by chance."""
    headers = {"Authorization": f"Bearer {key}", "Lookup-Purpose": "benchmark"}
    chance = random.Random(5)

    def check(number: int) -> Any:
        subject = subject_key((number * 7) % SUBJECTS_WITH_PREFERENCES)
        named = {"subject": {"key": str(subject)}, "to": "harborlight", "kind": "sale"}
        return {**named, "items": ["identifiers.email"]}

    def answer(_: int) -> Any:
        key = subject_key(chance.randrange(plan.subjects))
        return {"person": [{"key": str(key)}], "first_day": "2024-11-01", "last_day": "2026-10-31"}

    return [
        Load("/v1/bare", headers, check, check_rate),
        Load("/v1/check", headers, check, check_rate),
        Load("/v1/to-whom", headers, answer, answer_rate),
    ]


def cpu_s(pid: int) -> float:
    """Processor time a process has used; unlike latencies it says the same on a busy machine."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(port: int, pid: int, load: Load, seconds: float) -> str:
    """One line of the table."""
    asyncio.run(milliseconds(port, load, 2))
    before = cpu_s(pid)
    times = asyncio.run(milliseconds(port, load, seconds))
    cpu_ms = (cpu_s(pid) - before) * 1_000 / len(times)
    p50, p99 = percentiles(iter(times))
    shown = f"p50 {p50:8.2f} ms   p99 {p99:8.2f} ms   of {len(times):,}   process {cpu_ms:.2f} ms a request"
    return f"  {load.path:12} {load.rate:6g}/s  {shown}"


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--check-rate", type=float, default=500)
    parser.add_argument("--answer-rate", type=float, default=20)
    parser.add_argument("--ingest", type=float, default=10_000, help="rows a second, meanwhile")
    parser.add_argument("--seconds", type=float, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "bench.api_server", str(Path(scratch)), str(arguments.rows)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdin is not None
            assert server.stdout is not None
            told = json.loads(server.stdout.readline())
            asked = loads(told["key"], Plan(arguments.rows), arguments.check_rate, arguments.answer_rate)
            for name, rate in (
                ("at rest", 0),
                (f"{arguments.ingest:,.0f} rows/s recorded", arguments.ingest),
            ):
                server.stdin.write(f"{rate}\n")
                server.stdin.flush()
                time.sleep(_SETTLE_S)
                print(f"{arguments.rows:,} rows, {name}")
                for load in asked:
                    print(measure(told["port"], server.pid, load, arguments.seconds), flush=True)
            server.stdin.close()


if __name__ == "__main__":
    main()
