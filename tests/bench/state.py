"""The gate's kept preference state at full size: building, restarting, look-ups, pauses, beside a dictionary.

python -m bench.state [--subjects 5000000] [--tail 50000] [--dict-subjects 1000000]

Every subject has opted out on the web form. Records go as bytes through codec and fold, as in a gate; they
come from memory instead of Kafka. Each part runs in a process of its own.
"""

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from disclosure_consumers.control_tables import ControlTables, StateSeen
from disclosure_consumers.core.subject.subjects import States, Subjects
from disclosure_consumers.memory import MemoryMessage
from disclosure_consumers.ports import Mark, Message, Partition, StateStore
from disclosure_consumers.state.kept_states import KeptStates
from disclosure_consumers.wall_clock import wall_clock_us
from disclosure_schemas import layout
from disclosure_schemas.event_ids import event_id_bytes
from disclosure_schemas.events.vocabulary import PreferenceKind, PreferenceState
from gate_events import IDENTITY_CODEC, PREFERENCE_CODEC, REQUESTED_CODEC, World, preference, request

TOPIC = "preferences"
SAMPLE = 200_000
BATCH = 10_000
FIRST_MS = 1_775_000_000_000


def digest_of(number: int) -> bytes:
    """Bytes that look like chance, the same in every process; a subject's key is their first half."""
    return hashlib.blake2b(number.to_bytes(8), digest_size=32).digest()


class Feed:
    """The control topics: one preference of each subject, made when it is read."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._next = 0
        body = PREFERENCE_CODEC.encode_body(preference(uuid.UUID(int=0), PreferenceKind.OPT_OUT))
        self._producer, self._end = body[32:48], body[64:]

    def record(self, number: int) -> Message:
        """The record at an offset."""
        digest, ms = digest_of(number), FIRST_MS + 20 * number
        said = layout.zigzag_varint(ms * 1000 - int.from_bytes(digest[28:30]) % 5_000)
        value = b"".join(
            (
                PREFERENCE_CODEC.header,
                event_id_bytes(ms, digest[16:26]),
                digest[:16],
                self._producer,
                said,
                said,
            )
        )
        return MemoryMessage(TOPIC, 0, number, digest[:16], value + self._end, ms)

    def begin(self, marks: Mapping[Partition, Mark]) -> None:
        """Begin at the mark."""
        self._next = marks[TOPIC, 0].offset if marks else 0

    def end_offsets(self) -> Mapping[Partition, int]:
        """All of it."""
        return {(TOPIC, 0): self._count}

    def read(self, wait_s: float) -> Sequence[Message]:
        """Return the next records."""
        numbers = range(self._next, min(self._next + BATCH, self._count))
        self._next = numbers.stop
        return [self.record(number) for number in numbers]

    def positions(self) -> Mapping[Partition, int]:
        """How far it is read."""
        return {(TOPIC, 0): self._next}

    def close(self) -> None:
        """Nothing to give back."""


def tables(count: int, states: States, store: StateStore | None = None) -> ControlTables:
    """Control tables as a gate has them."""
    return ControlTables(
        Feed(count),
        preferences_topic=TOPIC,
        identities_topic="identities",
        preferences=PREFERENCE_CODEC,
        identities=IDENTITY_CODEC,
        subjects=Subjects(states=states),
        store=store,
    )


def memory_mb() -> dict[str, int]:
    """Resident memory of this process: its own, and pages of files, which the system can take back."""
    found = {}
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in {"RssAnon", "RssFile"}:
            found[name] = int(rest.split()[0]) // 1024
    return {"own": found["RssAnon"], "files": found["RssFile"]}


def us_each(ask: Callable[[bytes], object], keys: Sequence[bytes]) -> float:
    """Microseconds of one look-up."""
    began = time.perf_counter()
    for key in keys:
        ask(key)
    return (time.perf_counter() - began) / len(keys) * 1e6


def sample_keys(subjects: int) -> tuple[list[bytes], list[bytes]]:
    """Keys of some subjects who opted out, and of as many who did not, in no order."""
    chance = random.Random(5)
    known = [digest_of(chance.randrange(subjects))[:16] for _ in range(SAMPLE)]
    return known, [chance.randbytes(16) for _ in range(SAMPLE)]


def decided_per_s(subjects: Subjects, known: Sequence[bytes], others: Sequence[bytes]) -> float:
    """Requests a second without Kafka: each of another subject, one in ten of them opted out."""
    decider, seen = World().decider(), StateSeen(PreferenceState.CURRENT, (1,), (1,))
    body = REQUESTED_CODEC.encode(request(uuid.UUID(int=0)))
    before, after = body[:26], body[42:]
    keys = [known[n] if n % 10 == 0 else others[n] for n in range(len(others))]
    messages = [MemoryMessage("requests", 0, n, key, before + key + after) for n, key in enumerate(keys)]
    subjects.standings.clear()
    decider.decide(messages[:BATCH], subjects, seen, wall_clock_us())
    began = time.perf_counter()
    for start in range(BATCH, len(messages), BATCH):
        batch = decider.decide(messages[start : start + BATCH], subjects, seen, wall_clock_us())
        assert batch.decided == len(messages[start : start + BATCH])
    return (len(messages) - BATCH) / (time.perf_counter() - began)


def looked_up(subjects: Subjects, states: States, count: int) -> dict[str, Any]:
    """Times of look-ups, and of deciding with them."""
    known, others = sample_keys(count)
    rounds = [decided_per_s(subjects, known, others) for _ in range(3)]
    found = {
        "state of one who said nothing, us": us_each(states.get, others),
        "state of one who opted out, us": us_each(states.get, known),
    }
    subjects.standings.clear()
    found["standing of one who said nothing, first time, us"] = us_each(subjects.standing, others)
    subjects.standings.clear()
    found["standing of one who opted out, first time, us"] = us_each(subjects.standing, known)
    subjects.standings.clear()
    return found | {"decided a second, each of another subject": sorted(rounds)[1], "memory MB": memory_mb()}


def build(folder: Path, subjects: int, _tail: int) -> dict[str, Any]:
    """Read the topics whole, with no kept state before; keep it."""
    began = time.perf_counter()
    kept = KeptStates(folder)
    control = tables(subjects, kept, kept)
    control.restore()
    restored_s, most = time.perf_counter() - began, memory_mb()
    began = time.perf_counter()
    control.close()
    size = sum(path.stat().st_size for path in folder.iterdir())
    return {
        "topics read whole, s": restored_s,
        "last snapshot, s": time.perf_counter() - began,
        "folder, MB": size / 1e6,
        "memory MB": most,
    }


def restart(folder: Path, subjects: int, tail: int) -> dict[str, Any]:
    """Go on from the kept state, with so many records more; then look up, and take in as many again."""
    began = time.perf_counter()
    kept = KeptStates(folder)
    opened_s = time.perf_counter() - began
    control = tables(subjects + tail, kept, kept)
    read = control.restore()
    found: dict[str, Any] = {
        "snapshot opened, s": opened_s,
        "with the tail, s": time.perf_counter() - began,
        "records": read,
    }
    found |= {"memory MB when ready": memory_mb(), "subjects": len(kept)}
    print("ready", flush=True)
    found |= looked_up(control.subjects, kept, subjects)
    pieces = []
    began = time.perf_counter()
    while kept.tail_records >= tail:
        piece_began = time.perf_counter()
        control.keep()
        pieces.append(time.perf_counter() - piece_began)
    pieces.sort()
    found |= {
        "next snapshot, s": time.perf_counter() - began,
        "its pieces": len(pieces),
        "a piece, ms, p50 p99 max": [pieces[int(len(pieces) * p)] * 1e3 for p in (0.5, 0.99)]
        + [pieces[-1] * 1e3],
        "memory MB after it": memory_mb(),
    }
    return found


def dictionary(_folder: Path, subjects: int, _tail: int) -> dict[str, Any]:
    """The peer: the same states in a dictionary."""
    before, states = memory_mb()["own"], dict[bytes, Any]()
    control = tables(subjects, states)
    began = time.perf_counter()
    control.restore()
    taken = memory_mb()["own"] - before
    found: dict[str, Any] = {
        "topics read whole, s": time.perf_counter() - began,
        "bytes a subject": taken * 2**20 / subjects,
    }
    return found | looked_up(control.subjects, states, subjects)


PARTS = {"build": build, "restart": restart, "dictionary": dictionary}


def run_part(name: str, folder: Path, subjects: int, tail: int) -> dict[str, Any]:
    """Run one part in a process of its own."""
    command = [sys.executable, "-m", "bench.state", "--part", name, "--folder", str(folder)]
    command += ["--subjects", str(subjects), "--tail", str(tail)]
    began, ready_s = time.perf_counter(), 0.0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line == "ready\n":
                ready_s = time.perf_counter() - began
            elif line.startswith("{"):
                found: dict[str, Any] = json.loads(line)
                return {"process ready, s": ready_s} | found if ready_s else found
    raise RuntimeError(f"the part {name} failed")


def forget_pages(folder: Path) -> None:
    """Have the system drop what it holds of the files, as after it was started anew."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def show(title: str, found: Mapping[str, Any]) -> None:
    """Print one part's figures."""
    print(title, flush=True)
    for name, value in found.items():
        values: Iterable[Any] = value if isinstance(value, list) else [value]
        texts = [f"{one:,.2f}" if isinstance(one, float) else f"{one:,}" if isinstance(one, int) else str(one)
                 for one in values]  # fmt: skip
        print(f"  {name}: {' '.join(texts)}", flush=True)


def main() -> None:
    """Run all parts and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=5_000_000)
    parser.add_argument("--tail", type=int, default=50_000)
    parser.add_argument("--dict-subjects", type=int, default=1_000_000)
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part is not None:
        print(json.dumps(PARTS[given.part](given.folder, given.subjects, given.tail)), flush=True)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        show("built", run_part("build", folder, given.subjects, given.tail))
        forget_pages(folder)
        show("restarted", run_part("restart", folder, given.subjects, given.tail))
        peer = run_part("dictionary", folder, given.dict_subjects, given.tail)
        show(f"dictionary of {given.dict_subjects:,} subjects", peer)
        print(
            f"  extrapolated to {given.subjects:,}: {peer['bytes a subject'] * given.subjects / 1e6:,.0f} MB"
        )


if __name__ == "__main__":
    main()
