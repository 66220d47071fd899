"""Drill broker-down: Kafka goes away under load."""

from disclosure_ledger.drills.drill import Drill
from disclosure_ledger.drills.stage import Stage


def _breaks(stage: Stage) -> None:
    broker = stage.pipeline.child("broker")
    for name in stage.pipeline.fall_with_broker():
        stage.pipeline.child(name).stop()
        stage.tell(f"The {name} ends first: this broker forgets over a restart its open transactions.")
    if stage.pipeline.broker.limits.keeps_acknowledged_after_kill:
        broker.kill()
        stage.tell("The broker is killed (SIGKILL).")
    else:
        broker.stop()
        stage.tell("The broker is stopped; this one is not killed, for a crash of it loses the last second.")
    stage.tell("Applications go on. Their SDK writes what it cannot deliver to the outbox on disk.")


def _repairs(stage: Stage) -> None:
    stage.start_again("broker", *reversed(stage.pipeline.fall_with_broker()))
    stage.tell("The SDK delivers its outbox, in order, and empties it.")


BROKER_DOWN = Drill(
    name="broker-down",
    about="Kafka goes away while applications disclose.",
    alert="DisclosureOutboxWaiting",
    breaks=_breaks,
    repairs=_repairs,
)
