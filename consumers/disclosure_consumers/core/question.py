"""What a decision is asked about: one disclosure at one moment, with all that was looked up for it."""

from dataclasses import dataclass

from disclosure_consumers.core.registry import Contract, Notice, Recipient, Registry
from disclosure_consumers.core.roles import Role
from disclosure_consumers.core.standing import Standing
from disclosure_schemas.events.disclosure import Disclosure, Item
from disclosure_schemas.events.vocabulary import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """When: `at_us` is now for a request, the moment of the disclosure for a report."""

    at_us: int
    emitted_us: int
    collected_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One disclosure, the subject's standing, and what the registry says at that moment.

    `party` and `role` are those of whoever counts as the recipient: behind a service provider that passes
    the data on, the third party (1798.190, legal 1.3.6).
    """

    disclosure: Disclosure
    occurrence: Occurrence
    standing: Standing
    state_available: bool
    registry: Registry
    recipient: Recipient
    party: Recipient
    role: Role
    third_party_contract: Contract | None
    notice: Notice | None
    notice_at_collection: Notice | None


def is_sensitive(item: Item, registry: Registry) -> bool:
    """A sensitive category or element (1798.140(ae), legal 1.2.2)."""
    return item.category == "sensitive" or item.element in registry.taxonomy.sensitive_elements


def shown(kinds: frozenset[Kind]) -> Kind:
    """Kind to show where several apply: what is both sale and sharing is shown as sale."""
    if Kind.SALE in kinds:
        return Kind.SALE
    return next(iter(kinds))
