"""Drill recorder-kill: the recorder dies while it writes."""

from disclosure_ledger.drills.drill import Drill
from disclosure_ledger.drills.stage import Stage

_RECORDER = "recorder"


def _breaks(stage: Stage) -> None:
    stage.pipeline.child(_RECORDER).kill()
    stage.tell(
        "The recorder is killed (SIGKILL). The gate goes on deciding; decisions wait in Kafka, and nobody "
        "can ask the ledger."
    )


def _repairs(stage: Stage) -> None:
    stage.start_again(_RECORDER)
    stage.tell("It goes on at the positions that are in the ledger beside the rows they brought.")


RECORDER_KILL = Drill(
    name="recorder-kill",
    about="The recorder is killed while it writes.",
    alert="DisclosureRecorderDown",
    breaks=_breaks,
    repairs=_repairs,
)
