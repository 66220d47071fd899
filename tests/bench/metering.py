"""What counting costs a gate: the part of the time of deciding that goes into its metrics.

    python -m bench.metering [--rounds N]

No Kafka, so the part is of deciding alone and an upper bound: the loop also consumes and produces. Counted
are the tallies of single events, what is done once a batch, and a scrape each second.
"""

import argparse
import statistics
import time

from bench.decide import EVENTS, NOW_US, batch
from disclosure_consumers.control_tables import StateSeen
from disclosure_consumers.gate_meter import GateMeter, Tally
from disclosure_consumers.metering.exposition import MeterCollector
from disclosure_schemas.events.vocabulary import PreferenceState

BATCH_EVENTS = 10_000


def main() -> None:
    """Print the parts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    decider, subjects, messages = batch()
    seen = StateSeen(PreferenceState.CURRENT, (0,), (0,))
    meter, tally = GateMeter(), Tally(())
    parts: dict[str, list[float]] = {"tallies": [], "once a batch": [], "a scrape each second": []}
    for _ in range(rounds + 1):
        spent = dict.fromkeys(("deciding", *parts), 0.0)
        for start in range(0, EVENTS, BATCH_EVENTS):
            taken = messages[start : start + BATCH_EVENTS]
            began = time.perf_counter()
            made = decider.decide(taken, subjects, seen, NOW_US)
            decided = time.perf_counter()
            meter.waited_at_barrier(0.001, PreferenceState.CURRENT)
            meter.committed(taken, decider.tallies.take(), made.causes, NOW_US)
            counted = time.perf_counter()
            for _ in taken:
                tally.count += 1
            spent["deciding"] += decided - began
            spent["once a batch"] += counted - decided
            spent["tallies"] += time.perf_counter() - counted
        began = time.perf_counter()
        list(MeterCollector(meter.meter).collect())
        spent["a scrape each second"] = (time.perf_counter() - began) * spent["deciding"]
        for name, found in parts.items():
            found.append(spent[name] / spent["deciding"])
    print(f"of the time of deciding {EVENTS:,} events in batches of {BATCH_EVENTS:,}, median of {rounds}")
    medians = {name: statistics.median(found[1:]) for name, found in parts.items()}
    for name, part in medians.items():
        print(f"  {name:22} {part:7.2%}")
    print(f"  {'all':22} {sum(medians.values()):7.2%}")


if __name__ == "__main__":
    main()
