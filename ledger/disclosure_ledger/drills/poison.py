"""Drill poison: a careless sender puts records on the topic that nobody can read."""

from disclosure_ledger.demo.stream import Broken, Flaw
from disclosure_ledger.drills.drill import Drill
from disclosure_ledger.drills.stage import Stage

_ROUNDS = 5


def _breaks(stage: Stage) -> None:
    flaws = tuple(Flaw)
    for number in range(_ROUNDS * len(flaws)):
        stage.sender.take(Broken(number, flaws[number % len(flaws)]))
    stage.tell(
        f"{_ROUNDS * len(flaws)} records arrive that are no events: not Avro, cut short, under a wrong key, "
        "of an unknown schema. The gate puts each aside as a dead letter with its cause, and goes on."
    )


def _repairs(stage: Stage) -> None:
    stage.tell(
        "Nothing has to be repaired for the rest to go on. `disclosures dead-letters list` names what was "
        "put aside, `disclosures dead-letters replay` sends it again once the sender or the schema is mended."
    )


POISON = Drill(
    name="poison",
    about="Records arrive that nobody can read.",
    alert="DisclosureDeadLetters",
    breaks=_breaks,
    repairs=_repairs,
)
