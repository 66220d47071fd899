"""Step 10: a limit of sensitive information binds service providers too (1798.121; legal 2.5)."""

from typing import NamedTuple

from disclosure_consumers.core.question import Question, is_sensitive
from disclosure_consumers.core.reasons import Reason
from disclosure_consumers.core.steps.opt_outs import fault_of
from disclosure_consumers.core.subject.standing import Limit
from disclosure_schemas.events.disclosure import Item
from disclosure_schemas.events.vocabulary import Kind

LIMIT = 10

PERMITTED_PURPOSES = frozenset(
    {
        "expected_service",
        "security_incident",
        "resist_fraud",
        "physical_safety",
        "transient_use",
        "services_for_business",
        "quality_and_safety",
        "not_inferring",
    }
)
"""The permitted purposes of 11 CCR 7027(m)(1) to (8), legal 2.5.3."""

_SENSITIVE = frozenset({"sensitive"})


class Limiting(NamedTuple):
    """What limits an item. `stopped`: why it is stopped; else `by`: what it went on by, if limited."""

    left: tuple[Limit, ...] = ()
    stopped: Reason | None = None
    by: Reason | None = None


UNLIMITED = Limiting()


def limiting(question: Question, item: Item, kinds: frozenset[Kind]) -> Limiting:
    """Whether a limit that has reached the subject stops an item."""
    position = question.position
    if not position.limits:
        return UNLIMITED
    taxonomy = question.registry.taxonomy
    # 11 CCR 7001(bbb)(4): everything about a consumer known to be under 16 is sensitive (legal 1.2.3).
    of_a_minor = position.is_californian and position.is_known_under_16
    if not (is_sensitive(item, taxonomy) or of_a_minor):
        return UNLIMITED
    names_element = item.element in taxonomy.sensitive_elements
    covering = [
        limit
        for limit in position.limits
        if limit.elements is None or not names_element or item.element in limit.elements
    ]
    if not covering:
        return Limiting(by=Reason.LIMIT_DOES_NOT_COVER)
    if Kind.BUSINESS_PURPOSE in kinds and question.disclosure.limit_exception is not None:
        return Limiting(by=Reason.SENSITIVE_EXEMPT_PURPOSE)
    sound = [o for o in position.opt_ins if o.fault is None and question.is_covered_by(o, _SENSITIVE)]
    left = tuple(
        limit for limit in covering if not any(opt_in.is_later_than(limit.reached_us) for opt_in in sound)
    )
    if not left:
        return Limiting(by=Reason.OPT_IN_VALID)
    last_us = max(limit.reached_us for limit in left)
    tried = [o for o in position.opt_ins if "sensitive" in o.of and o.requested_us > last_us]
    return Limiting(left, fault_of(tried[-1]) if tried else Reason.LIMIT_SENSITIVE)
