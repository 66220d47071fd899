"""A question about a period, with what the registry says of it: pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from disclosure_consumers.core.registry import Notice, Registry, Taxonomy
from disclosure_ledger.answers.periods import Period
from disclosure_schemas.events.base import Moment

SENSITIVE = "sensitive"
"""Category of sensitive personal information, Civ. Code 1798.140(v)(1)(L)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class InForce:
    """A part of the period, half-open and in UTC, and the notice in force in all of it; None for none."""

    from_at: datetime
    until_at: datetime
    notice: Notice | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: a period, what each part of it was promised, and what counts as sensitive.

    `known_at`: as of what the ledger had recorded by then; None for all of it.
    """

    period: Period
    known_at: Moment | None
    stretches: tuple[InForce, ...]
    sensitive_items: frozenset[str]

    def is_sensitive(self, item: str) -> bool:
        """Whether an item is sensitive by its category or its element (Civ. Code 1798.140(ae))."""
        return item in self.sensitive_items


def asked(period: Period, known_at: datetime | None, registry: Registry) -> Asked:
    """Put a question beside the registry: several notices divide the period."""
    return Asked(
        period=period,
        known_at=known_at,
        stretches=_stretches(period, registry),
        sensitive_items=sensitive_items(registry.taxonomy),
    )


def sensitive_items(taxonomy: Taxonomy) -> frozenset[str]:
    """Every item, as `category` or `category.element`, that is sensitive."""
    found = {SENSITIVE} | {f"{SENSITIVE}.{element}" for element in taxonomy.elements.get(SENSITIVE, ())}
    for category, elements in taxonomy.elements.items():
        found |= {f"{category}.{element}" for element in elements & taxonomy.sensitive_elements}
    return frozenset(found)


def _stretches(period: Period, registry: Registry) -> tuple[InForce, ...]:
    found: list[InForce] = []
    at, end = period.start, period.end
    while at < end:
        notice, unchanged = registry.notice_period((at - _EPOCH) // _MICROSECOND)
        until_us = unchanged.until_us
        until = end if until_us >= (end - _EPOCH) // _MICROSECOND else _EPOCH + until_us * _MICROSECOND
        if found and found[-1].notice == notice:
            found[-1] = InForce(found[-1].from_at, until, notice)
        else:
            found.append(InForce(at, until, notice))
        at = until
    return tuple(found)
