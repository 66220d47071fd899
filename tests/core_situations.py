"""A disclosure in its situation: what was said before, how it is asked or reported, by which registry."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from core_events import TYPES, control_event, fold, judge
from core_sayings import histories
from core_strategies import PUBLISHED, SETTINGS, disclosures, moments_of_deciding
from core_themes import THEMES, Theme
from core_world import core_registry, reference_book
from disclosure_consumers.core.registry import Registry
from disclosure_consumers.core.subject.subjects import Subjects
from disclosure_consumers.core.verdict import Verdict
from reference_engine import Found, Reference
from reference_registry import Said


@dataclass(frozen=True)
class Situation:
    """All that a decision depends on, in the words of the format. `t`: in microseconds since 1970."""

    history: list[Said]
    what: Said
    mode: str
    published: tuple[str, ...]
    toggles: Said
    t: int
    store_up: bool = True

    @property
    def registry(self) -> Registry:
        """The registry, with nothing remembered."""
        return core_registry(self.published, self.toggles)

    @property
    def subjects(self) -> Subjects:
        """Everybody, after the history."""
        return fold(map(control_event, self.history), self.registry.policy)

    def but(self, **changes: Any) -> "Situation":
        """The same with something else."""
        return replace(self, **changes)

    def after(self, more: Iterable[Said], at: int) -> "Situation":
        """The same with more that was said, at one moment."""
        said = [{**one, "at": at, "id": 200 + place} for place, one in enumerate(more)]
        return replace(self, history=[*self.history, *said])

    def decided(self) -> Verdict:
        """What the core decides."""
        return judge(
            self.subjects, self.registry, self.what, self.t, mode=self.mode, state_available=self.store_up
        )

    def expected(self) -> Found:
        """What the reference engine decides."""
        book = reference_book(self.published, self.toggles)
        return Reference(
            book, TYPES, self.history, self.what, self.t, mode=self.mode, store_up=self.store_up
        ).decide()


def situations(**parts: SearchStrategy[Any]) -> SearchStrategy[Situation]:
    """Situations of every sort; `parts` narrow them."""
    any_part: dict[str, SearchStrategy[Any]] = {
        "history": histories(),
        "what": disclosures(),
        "mode": st.sampled_from(["request", "report"]),
        "published": PUBLISHED,
        "toggles": SETTINGS,
        "t": moments_of_deciding(),
    }
    plain = st.builds(Situation, **(any_part | parts))
    if {"history", "what"} & parts.keys():
        return plain
    return plain | st.sampled_from(THEMES).flatmap(lambda theme: _on(theme, any_part, parts))


def _on(
    theme: Theme, any_part: dict[str, SearchStrategy[Any]], parts: dict[str, SearchStrategy[Any]]
) -> SearchStrategy[Situation]:
    """Situations on a theme."""
    on_theme: dict[str, SearchStrategy[Any]] = {
        "history": histories(most=1, theme=theme.said),
        "what": disclosures().map(lambda what: what | theme.changes),
        "published": st.just(theme.published or ("neutral",)),
    }
    return st.builds(Situation, **(any_part | on_theme | parts))
