"""Step 1: an event that cannot be read as one disclosure at one time is malformed (legal 0.8)."""

from disclosure_consumers.core.question import Occurrence
from disclosure_consumers.core.registry import Registry, Taxonomy
from disclosure_consumers.core.steps.limits import PERMITTED_PURPOSES
from disclosure_schemas.events.disclosure import Disclosure, Item
from disclosure_schemas.events.vocabulary import (
    ActingAs,
    Bought,
    Consideration,
    DisclosureChannel,
    Exemption,
    Kind,
    Mode,
    SubjectType,
)


def is_malformed(disclosure: Disclosure, occurrence: Occurrence, registry: Registry) -> bool:
    """A word that does not exist, or a report emitted before it happened."""
    if disclosure.mode is not Mode.REQUEST:
        skew_us = registry.policy.clock_skew_bound_ms * 1000
        if disclosure.mode is Mode.UNKNOWN or occurrence.emitted_us + skew_us < occurrence.at_us:
            return True
    taxonomy = registry.taxonomy
    if (
        disclosure.kind is Kind.UNKNOWN
        or disclosure.consideration is Consideration.UNKNOWN
        or disclosure.channel is DisclosureChannel.UNKNOWN
        or disclosure.acting_as is ActingAs.UNKNOWN
        or disclosure.bought is Bought.UNKNOWN
        or disclosure.subject_type is SubjectType.UNKNOWN
        or disclosure.purpose not in taxonomy.purposes
        or (disclosure.limit_exception is not None and disclosure.limit_exception not in PERMITTED_PURPOSES)
    ):
        return True
    for item in disclosure.items:  # noqa: SIM110 - a loop costs half of what a generator does
        if not _exists(item, taxonomy):
            return True
    return False


def _exists(item: Item, taxonomy: Taxonomy) -> bool:
    known = taxonomy.elements.get(item.category)
    return (
        known is not None
        and (item.element is None or item.element in known)
        and item.exemption is not Exemption.UNKNOWN
    )
