"""Drill gate-kill: the only gate dies in the middle of its work."""

from disclosure_ledger.drills.drill import Drill
from disclosure_ledger.drills.stage import Stage

_GATE = "gate 1"


def _breaks(stage: Stage) -> None:
    stage.pipeline.child(_GATE).kill()
    stage.tell(
        "The gate is killed (SIGKILL) while it decides. Its open transaction is never committed, so nobody "
        "sees half a batch; applications go on sending, and what they ask is not answered."
    )


def _repairs(stage: Stage) -> None:
    stage.start_again(_GATE)
    stage.tell("It takes over its own name, which ends the transaction left behind, and decides what waits.")


GATE_KILL = Drill(
    name="gate-kill",
    about="The gate is killed in the middle of its work.",
    alert="DisclosureGateDown",
    breaks=_breaks,
    repairs=_repairs,
)
