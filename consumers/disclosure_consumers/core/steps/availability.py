"""Step 7: what may go when preferences cannot be read, and what deletion and origin stop (legal 1.9, 3)."""

from disclosure_consumers.core.question import Question, is_sensitive
from disclosure_consumers.core.reasons import Reason
from disclosure_schemas.events.disclosure import Item
from disclosure_schemas.events.vocabulary import ActingAs, Bought, Kind

STATE = 7

_SALE_AND_SHARE = frozenset({Kind.SALE, Kind.SHARE})


def fails_closed(question: Question, item: Item, kinds: frozenset[Kind]) -> bool:
    """Whether not knowing what the subject asked stops an item: not knowing is not consent (G4)."""
    closed = question.registry.policy.fail_closed_kinds
    if any(kind.value in closed for kind in kinds):
        return True
    return (
        "sensitive" in closed
        and question.disclosure.limit_exception is None
        and is_sensitive(item, question.registry.taxonomy)
    )


def withheld(question: Question, kinds: frozenset[Kind]) -> Reason | None:
    """Why data is withheld for where it came from, or because it was to be deleted."""
    position, disclosure = question.position, question.disclosure
    sold = bool(kinds & _SALE_AND_SHARE)
    if sold and disclosure.bought is Bought.WITHOUT_NOTICE:
        return Reason.RESALE_WITHOUT_NOTICE  # 1798.115(d), legal 1.5.3
    if (sold or Kind.OTHER in kinds) and position.is_being_deleted:  # 1798.105(c), legal 1.9.2
        return Reason.DELETION_KEY if position.is_deleted else Reason.DELETION_PENDING
    if sold and disclosure.acting_as is ActingAs.BROKER and position.is_matched:
        return Reason.DROP_MATCH  # 1798.99.86, legal 3.5
    return None
