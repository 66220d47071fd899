"""Which of the twelve steps decided, told from what a decision records.

Most reasons are given at one step alone. A consent that does not help is the reason at step 8, 9 or 10; what
else a decision records says which, or leaves it open.
"""

from collections.abc import Mapping
from typing import NamedTuple

from disclosure_consumers.core.reasons import Reason
from disclosure_schemas.events.vocabulary import Exemption, Kind, Outcome, PreferenceKind

EVENT, AMEND, ROLE, EXEMPT, NO_SALE, NOTICE = 1, 2, 3, 4, 5, 6
STATE, MINORS, OPT_OUT, LIMIT, ELSEWHERE, CONTRACT = 7, 8, 9, 10, 11, 12
LAST_STEP = CONTRACT
"""Contract, permit and verdict are one step of the scenario format."""

_SENDING_BACK = frozenset({EVENT, ROLE, NOTICE, CONTRACT})
"""Steps that reject what they stop; the others suppress it."""

_STEPS: Mapping[int, tuple[Reason, ...]] = {
    EVENT: (Reason.MALFORMED, Reason.ID_COLLISION, Reason.ALREADY_RECORDED),
    AMEND: (Reason.RETRACTED,),
    ROLE: (Reason.UNKNOWN_RECIPIENT,),
    EXEMPT: (
        Reason.EXEMPT_DEIDENTIFIED,
        Reason.EXEMPT_AGGREGATE,
        Reason.EXEMPT_PUBLIC,
        Reason.EXEMPT_GLBA,
        Reason.EXEMPT_HIPAA,
        Reason.EXEMPT_FCRA,
        Reason.EXEMPT_IIPPA,
        Reason.EXEMPT_DPPA,
        Reason.OUTSIDE_CALIFORNIA,
        Reason.GLBA_OPT_OUT,
        Reason.STATE_STORE_UNAVAILABLE,
    ),
    NO_SALE: (
        Reason.SAME_BUSINESS,
        Reason.CONSUMER_DIRECTED,
        Reason.OPT_OUT_RELAY,
        Reason.MERGER_TRANSFER,
        Reason.LEGAL_PROCESS,
    ),
    NOTICE: (
        Reason.UNDECLARED_CATEGORY,
        Reason.UNDECLARED_KIND,
        Reason.UNDECLARED_RECIPIENT,
        Reason.UNDECLARED_PURPOSE,
        Reason.ELEMENT_IS_SENSITIVE,
        Reason.NOTICE_EXCLUDES_MINORS,
    ),
    STATE: (
        Reason.STATE_STORE_UNAVAILABLE,
        Reason.RESALE_WITHOUT_NOTICE,
        Reason.DELETION_PENDING,
        Reason.DELETION_KEY,
        Reason.DROP_MATCH,
        Reason.BUSINESS_PURPOSE,
        Reason.NO_CONSIDERATION,
        Reason.NOT_OPTED_OUT,
    ),
    MINORS: (
        Reason.MINOR_UNDER_13_WITHOUT_PARENT,
        Reason.MINOR_13_TO_15_WITHOUT_OPT_IN,
        Reason.WILLFUL_DISREGARD_OF_AGE,
        Reason.PRIOR_DECLINE,
        Reason.OPT_IN_NOT_CONFIRMED,
        Reason.CONSENT_INVALID,
        Reason.CONSENT_EXPIRED,
        Reason.CONSENT_SCOPE,
    ),
    OPT_OUT: (
        Reason.OPTED_OUT_OF_SALE,
        Reason.OPTED_OUT_OF_SHARING,
        Reason.OPT_OUT_INHERITED,
        Reason.OPT_OUT_FORWARDED,
        Reason.OPT_OUT_PENDING,
        Reason.GPC_KNOWN_CONSUMER,
        Reason.GPC_DEVICE,
        Reason.HOUSEHOLD,
        Reason.LINKED_PROFILE,
        Reason.SIGNAL_UNPARSEABLE,
        Reason.COOKIE_REJECT,
        Reason.OPT_IN_NOT_CONFIRMED,
        Reason.CONSENT_INVALID,
        Reason.CONSENT_EXPIRED,
        Reason.CONSENT_SCOPE,
    ),
    LIMIT: (
        Reason.LIMIT_SENSITIVE,
        Reason.OPT_IN_NOT_CONFIRMED,
        Reason.CONSENT_INVALID,
        Reason.CONSENT_EXPIRED,
        Reason.CONSENT_SCOPE,
    ),
    ELSEWHERE: (
        Reason.STATE_BAN,
        Reason.SENSITIVE_WITHOUT_OPT_IN,
        Reason.STATE_AUTHORIZATION_MISSING,
        Reason.GDPR_NO_BASIS,
    ),
    CONTRACT: (
        Reason.NO_THIRD_PARTY_CONTRACT,
        Reason.NOT_OPTED_OUT,
        Reason.PARTIAL_OPT_OUT,
        Reason.OPT_IN_VALID,
        Reason.MINOR_OPT_IN,
        Reason.AGED_OUT,
        Reason.FINANCIAL_INCENTIVE,
        Reason.OPT_OUT_DENIED_AS_FRAUD,
        Reason.NO_CONSIDERATION,
        Reason.BUSINESS_PURPOSE,
        Reason.SENSITIVE_EXEMPT_PURPOSE,
        Reason.LIMIT_DOES_NOT_COVER,
        Reason.CONSENTED_ENTITY,
        Reason.PROCESSOR,
        Reason.NON_RESIDENT,
    ),
}

STEPS_OF: Mapping[str, tuple[int, ...]] = {
    reason: tuple(step for step, reasons in _STEPS.items() if reason in reasons) for reason in Reason
}
"""Steps at which a reason is given, the first first; none for `decision_ignored`, which is no step's."""

_FAULTS = frozenset(
    {
        Reason.OPT_IN_NOT_CONFIRMED,
        Reason.CONSENT_INVALID,
        Reason.CONSENT_EXPIRED,
        Reason.CONSENT_SCOPE,
    }
)
_PLAIN_PERMITS = frozenset({Reason.BUSINESS_PURPOSE, Reason.NO_CONSIDERATION, Reason.NOT_OPTED_OUT})
_SOLD = frozenset({Kind.SALE, Kind.SHARE})
_OF_BOTH = frozenset({PreferenceKind.LIMIT_SENSITIVE, PreferenceKind.SIGNAL, PreferenceKind.UNKNOWN})


class Clues(NamedTuple):
    """What a decision records beside the reason of one item.

    `kind`: as found. `tag`: of the item. `state_known`: the person's choices could be read, or it is a
    report. `named`: kinds of the preferences that steps 9 and 10 name, UNKNOWN for one that is not at hand;
    None where others are named beside them. `with_signals`: signals came with the event itself, and no
    decision names those.
    """

    kind: Kind
    tag: Exemption | None = None
    state_known: bool = True
    named: frozenset[PreferenceKind] | None = None
    with_signals: bool = False


def steps_of(reason: str, clues: Clues) -> tuple[int, ...]:
    """The step that decided; several where it cannot be told, none for a reason newer than this reader."""
    steps = STEPS_OF.get(reason, ())
    if len(steps) < 2:
        return steps
    if reason == Reason.STATE_STORE_UNAVAILABLE:
        return (EXEMPT,) if clues.tag is Exemption.GLBA else (STATE,)
    if reason in _PLAIN_PERMITS:
        return (CONTRACT,) if clues.state_known else (STATE,)
    assert reason in _FAULTS, "every reason of several steps has clues"
    return _faults(clues)


def _faults(clues: Clues) -> tuple[int, ...]:
    """Step 8 names no preference, 9 names opt-outs and signals, 10 limits, and signals that limit."""
    if clues.kind not in _SOLD:
        return (LIMIT,)
    if clues.named is None or (clues.with_signals and not clues.named):
        return MINORS, OPT_OUT, LIMIT
    if not clues.named:
        return (MINORS,)
    if clues.named == {PreferenceKind.LIMIT_SENSITIVE}:
        return (LIMIT,)
    if clues.named <= _OF_BOTH:
        return OPT_OUT, LIMIT
    return (OPT_OUT,)


def stopped_as(reason: str) -> Outcome:
    """Whether what a reason stops is suppressed or rejected; a reason nobody knows is taken to suppress."""
    steps = STEPS_OF.get(reason, ())
    return Outcome.REJECT if steps and steps[0] in _SENDING_BACK else Outcome.SUPPRESS
