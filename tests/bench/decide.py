"""The decision core alone: decisions a second, one at a time, and through the gate's cache of answers.

    python -m bench.decide [--rounds N]

No Kafka. `decide()` is called with nothing remembered of the event; the batch path takes the bytes of
requests and gives the bytes of decisions, as the gate does. The bound only joins the same bytes.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from disclosure_consumers.control_tables import StateSeen
from disclosure_consumers.core.decide import decide
from disclosure_consumers.core.question import Occurrence
from disclosure_consumers.core.subject.standing import NOBODY, Standing
from disclosure_consumers.core.subject.subjects import Subjects
from disclosure_consumers.deciding import Decider
from disclosure_consumers.memory import MemoryMessage
from disclosure_schemas.event_ids import new_event_id
from disclosure_schemas.events.disclosure import Disclosure
from disclosure_schemas.events.vocabulary import Kind, PreferenceKind, PreferenceState
from disclosure_schemas.moments import microseconds
from gate_events import NOW, REQUESTED_CODEC, World, disclosure, preference, registry, request

ALICE, BOB = UUID(int=1), UUID(int=2)
NOW_US = microseconds(NOW)
CALLS = 20_000
SUBJECTS, EVENTS = 5_000, 100_000


def main() -> None:
    """Print the rates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    print(f"decide() alone, {CALLS:,} calls a round, median of {rounds}")
    for name, (what, standing) in cases().items():
        show(name, [rate(partial(calls, what, standing), CALLS) for _ in range(rounds)])
    print(
        f"batch path: bytes in, bytes out, {EVENTS:,} events of {SUBJECTS:,} subjects, one in ten opted out"
    )
    decider, subjects, messages = batch()
    seen = StateSeen(PreferenceState.CURRENT, (0,), (0,))
    decider.decide(messages[:100], subjects, seen, NOW_US)
    batched = [rate(lambda: decider.decide(messages, subjects, seen, NOW_US), EVENTS) for _ in range(rounds)]
    bare = [rate(lambda: joined(messages), EVENTS) for _ in range(rounds)]
    show("cached", batched)
    show("bound: joining the same bytes", bare)
    print(f"  cached / bound {statistics.median(batched) / statistics.median(bare):.2f}")


def cases() -> dict[str, tuple[Disclosure, Standing]]:
    """The usual events: nobody asked anything, somebody opted out, somebody opted in again."""
    subjects = Subjects()
    subjects.apply_preference(preference(ALICE, PreferenceKind.OPT_OUT))
    for minutes, kind in (
        (60, PreferenceKind.OPT_OUT),
        (30, PreferenceKind.OPT_IN_REQUESTED),
        (20, PreferenceKind.OPT_IN_CONFIRMED),
    ):
        subjects.apply_preference(preference(BOB, kind, occurred_at=NOW - timedelta(minutes=minutes)))
    service = disclosure(kind=Kind.BUSINESS_PURPOSE, recipient_id="parcelmoor", purpose="provide_services")
    three = disclosure(items=("identifiers.email", "network_activity", "commercial"))
    return {
        "sale, nobody asked anything": (disclosure(), NOBODY),
        "service provider": (service, NOBODY),
        "sale of three items": (three, NOBODY),
        "sale, opted out": (disclosure(), subjects.standing(ALICE.bytes)),
        "sale, opted in again": (disclosure(), subjects.standing(BOB.bytes)),
    }


def calls(what: Disclosure, standing: Standing) -> None:
    """Decide the same again and again, with nothing remembered but the registry's own look-ups."""
    for _ in range(CALLS):
        decide(what, Occurrence(at_us=NOW_US, emitted_us=NOW_US), standing, REGISTRY)


def batch() -> tuple[Decider, Subjects, list[MemoryMessage]]:
    """A decider, its subjects, and requests of four contents."""
    subjects = Subjects()
    for number in range(0, SUBJECTS, 10):
        subjects.apply_preference(preference(UUID(int=number + 1), PreferenceKind.OPT_OUT))
    contents = [disclosure(emitter=f"app-{n}") for n in range(4)]
    messages = []
    for number in range(EVENTS):
        key = UUID(int=number % SUBJECTS + 1)
        event = request(key, contents[number % 4], event_id=new_event_id(NOW_US // 1000))
        messages.append(MemoryMessage("requests", 0, number, key.bytes, REQUESTED_CODEC.encode(event)))
    return World().decider(), subjects, messages


def joined(messages: list[MemoryMessage]) -> list[Any]:
    """What any gate must do at least: take bytes, add some, keep the result."""
    head = bytes(120)
    return [(m.partition(), m.key(), head + (m.value() or b"")) for m in messages]


def rate(work: Callable[[], object], count: int) -> float:
    """Events a second of one round."""
    begun = time.perf_counter()
    work()
    return count / (time.perf_counter() - begun)


def show(name: str, rates: list[float]) -> None:
    """One line of the table."""
    print(f"  {name:32} {statistics.median(rates):>10,.0f} /s   best {max(rates):,.0f}")


REGISTRY = registry()

if __name__ == "__main__":
    main()
