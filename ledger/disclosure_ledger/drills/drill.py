"""A drill as a value: what is broken, which alert must fire, how it is repaired."""

from collections.abc import Callable
from dataclasses import dataclass

from disclosure_ledger.drills.stage import Stage


@dataclass(frozen=True, kw_only=True, slots=True)
class Drill:
    """One way in which a pipeline breaks.

    `about`: in one sentence. `alert`: name of the alert that must fire. `breaks` and `repairs` tell the stage
    what they do, in words; while the alert is waited for, `keeps_breaking` is called again and again.
    """

    name: str
    about: str
    alert: str
    breaks: Callable[[Stage], object]
    repairs: Callable[[Stage], object]
    keeps_breaking: Callable[[Stage], object] = lambda _stage: None
