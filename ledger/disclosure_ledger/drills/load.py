"""The load of a drill: the demo's stream without its flaws, a little at a time."""

from collections.abc import Iterator

from disclosure_ledger.demo.sender import Sender
from disclosure_ledger.demo.stream import Broken, Disclose, Settle, Step, steps
from disclosure_schemas.events.vocabulary import Mode

PEOPLE = 500
_EVENTS = 5_000
_SEED = 7


class Load:
    """Sends some sound steps at each call. Nothing in it makes an alert fire; the drill does."""

    def __init__(self, sender: Sender, steps_at_once: int) -> None:
        self._sender = sender
        self._steps_at_once = steps_at_once
        self._stream = sound_steps()
        self.sent = 0

    def push(self) -> None:
        """Send the next steps."""
        for _ in range(self._steps_at_once):
            self._sender.take(next(self._stream))
            self.sent += 1


def sound_steps() -> Iterator[Step]:
    """The stream without end: no broken records, no reports of what nobody asked for, no waiting."""
    seed = _SEED
    while True:
        yield from (step for step in steps(seed=seed, events=_EVENTS, people=PEOPLE) if _is_sound(step))
        seed += 1


def _is_sound(step: Step) -> bool:
    if isinstance(step, Broken | Settle):
        return False
    return not isinstance(step, Disclose) or step.mode is Mode.REQUEST
