"""Running scenarios: each is played, compared with what must come out, and played again in other ways."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb
from typing import Any, NamedTuple

from disclosure_consumers.scenarios.listing import NOT_IDS
from disclosure_consumers.scenarios.playing import Ending, Result, delivered_twice, orders, play
from disclosure_consumers.scenarios.story import Step, Story

Plain = str | list[str] | None
"""An expectation or what came instead, as it would be written in a file."""


class Mismatch(NamedTuple):
    """One key of `then` that came out otherwise.

    `keys` leads to it from `then`. `reason`: why the engine decided as it did. `variant`: in which way the
    story was told; empty as written.
    """

    keys: tuple[str, ...]
    expected: Plain
    got: Plain
    reason: str | None = None
    variant: str = ""


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """How one scenario went. `broken`: what the engine broke down with, where it did."""

    story: Story
    mismatches: tuple[Mismatch, ...] = ()
    broken: str | None = None

    @property
    def passed(self) -> bool:
        """Whether all came out as written."""
        return not self.mismatches and self.broken is None


def run_story(story: Story) -> ScenarioResult:
    """Play one scenario, and if it holds, in the other ways in which it also must."""
    try:
        return ScenarioResult(story, tuple(_mismatches(story)))
    except Exception as error:  # noqa: BLE001 - one scenario that breaks the engine must not hide the others
        return ScenarioResult(story, broken=_breakdown(error))


def _breakdown(error: Exception) -> str:
    *_, place = extract_tb(error.__traceback__)
    return f"{type(error).__name__}: {error} (in {Path(place.filename).name}, line {place.lineno})"


def _mismatches(story: Story) -> Iterator[Mismatch]:
    ending = play(story, story.steps)
    found = list(_compared(story.then, ending))
    yield from found
    if found:
        return
    if "redelivery" in story.also_holds:
        again = play(story, delivered_twice(story.steps))
        yield from _differing(ending, again, "each event delivered twice", at_first=True)
    if "any_order" in story.also_holds:
        for order in orders(story.steps, story.id):
            differing = list(_differing(ending, play(story, order), _in_order(story, order), at_first=False))
            yield from differing
            if differing:
                return  # one order that does not hold is enough to look into


def _in_order(story: Story, order: tuple[Step, ...]) -> str:
    places = {id(step): place for place, step in enumerate(story.steps, 1)}
    return f"arriving in the order {', '.join(str(places[id(step)]) for step in order)}"


def _compared(then: Mapping[str, Any], ending: Ending) -> Iterator[Mismatch]:
    """Only what is written is compared."""
    for name, expected in then.items():
        if name == "notify":
            yield from _sets((name,), expected, ending.notify)
        elif name == "disclosed_to":
            for account, recipients in expected.items():
                yield from _sets((name, account), recipients, ending.disclosed_to[account])
        elif "drop_status" in expected:
            if ending.drop_status[name] != expected["drop_status"]:
                yield Mismatch((name, "drop_status"), expected["drop_status"], ending.drop_status[name])
        else:
            yield from _decision((name,), expected, ending.last[name])
            if "at_first" in expected:
                yield from _decision((name, "at_first"), expected["at_first"], ending.first[name])


def _decision(keys: tuple[str, ...], expected: Mapping[str, Any], got: Result | None) -> Iterator[Mismatch]:
    if got is None:
        yield Mismatch(keys, "a decision", "none yet: it waits for the store to come up")
        return
    for key in ("outcome", "reason", "kind"):
        if key in expected and expected[key] != getattr(got, key):
            yield Mismatch((*keys, key), expected[key], getattr(got, key), got.reason)
    if "permit" in expected:
        yield from _sets((*keys, "permit"), expected["permit"], got.permit, got.reason)
    if "flags" in expected and not got.flags.issuperset(expected["flags"]):
        yield Mismatch((*keys, "flags"), sorted(expected["flags"]), sorted(got.flags), got.reason)


def _sets(
    keys: tuple[str, ...], expected: list[str], got: frozenset[str], reason: str | None = None
) -> Iterator[Mismatch]:
    if got != frozenset(expected):
        yield Mismatch(keys, sorted(expected), sorted(got), reason)


def _differing(told: Ending, other: Ending, variant: str, *, at_first: bool) -> Iterator[Mismatch]:
    """Where the same story told in another way ends otherwise."""
    for name, result in told.last.items():
        for key, expected, got in _differences(result, other.last.get(name)):
            yield Mismatch((name, key), expected, got, variant=variant)
    if at_first:
        for name, result in told.first.items():
            for key, expected, got in _differences(result, other.first.get(name)):
                yield Mismatch((name, "at_first", key), expected, got, variant=variant)
    for key in sorted(NOT_IDS):
        expected, got = getattr(told, key), getattr(other, key)
        if expected != got:
            yield Mismatch((key,), _plain(expected), _plain(got), variant=variant)
    if told.drop_status != other.drop_status:
        yield Mismatch(("drop_status",), _plain(told.drop_status), _plain(other.drop_status), variant=variant)


def _differences(one: Result | None, other: Result | None) -> Iterator[tuple[str, Plain, Plain]]:
    for key in Result._fields:
        expected, got = getattr(one, key, None), getattr(other, key, None)
        if expected != got:
            yield key, _plain(expected), _plain(got)


def _plain(value: Any) -> Plain:
    if isinstance(value, Mapping):
        return [f"{key}: {_plain(part)}" for key, part in sorted(value.items())]
    return sorted(value) if isinstance(value, frozenset) else value
