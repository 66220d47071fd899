"""DisclosureRequested: a disclosure, asked for or reported."""

from typing import Annotated

from pydantic import Field

from disclosure_schemas.events.base import Code, EventId, Int64, Key, Moment, Value
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

MAX_ITEMS = 256
"""Most items of one disclosure; the taxonomy has fewer elements."""


class Item(Value):
    """One category or element of personal information; never a value."""

    category: Code
    element: Code | None = None
    exemption: Exemption | None = None

    @classmethod
    def parse(cls, text: str, exemption: Exemption | None = None) -> "Item":
        """Make an item of `category` or `category.element`, as registry and scenarios write it."""
        category, _, element = text.partition(".")
        return cls(category=category, element=element or None, exemption=exemption)

    def __str__(self) -> str:
        return f"{self.category}.{self.element}" if self.element else self.category


class Signals(Value):
    """Opt-out preference signals exactly as received (legal 5)."""

    gpc: tuple[str, ...] = ()
    gpp: str | None = None
    usp: str | None = None
    dnt: str | None = None


class Disclosure(Value):
    """What is disclosed, to whom, why and how: all that the rules read of an event."""

    mode: Mode
    kind: Kind
    recipient_id: Code
    purpose: Code
    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=MAX_ITEMS)]
    emitter: Code
    subject_type: SubjectType = SubjectType.ACCOUNT
    consideration: Consideration = Consideration.NONE
    cross_context_ads: bool = False
    combines_data: bool = False
    limit_exception: Code | None = None
    channel: DisclosureChannel = DisclosureChannel.SERVER
    program: Code | None = None
    control_transferred: bool = False
    onward_recipient_id: Code | None = None
    acting_as: ActingAs = ActingAs.BUSINESS
    bought: Bought = Bought.NOT_BOUGHT
    wholly_outside_california: bool = False
    residency: Code | None = None
    signals: Signals = Signals()


class DisclosureRequested(Value):
    """A disclosure, asked for or reported, about one subject."""

    event_id: EventId
    subject_key: Key
    producer_id: Key
    occurred_at: Moment
    emitted_at: Moment
    sequence: Int64
    collected_at: Moment | None = None
    decision_event_id: EventId | None = None
    corrects_event_id: EventId | None = None
    retracts_event_id: EventId | None = None
    transaction_id: Code | None = None
    linked_subject_keys: Annotated[tuple[Key, ...], Field(max_length=64)] = ()
    disclosure: Disclosure
