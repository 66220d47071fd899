"""From when on a preference, fact or link can bear on reports: the bound that spares look-ups."""

from disclosure_consumers.core.registry import FOREVER_US, Policy
from disclosure_ledger.reevaluation.known import Control, Known
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.vocabulary import LinkAction, PreferenceKind
from disclosure_schemas.moments import microseconds

ALWAYS_US = -FOREVER_US
"""Reports of any time."""

_HONORED = frozenset({PreferenceKind.OPT_OUT, PreferenceKind.LIMIT_SENSITIVE, PreferenceKind.SIGNAL})


def bears_from_us(control: Control, known: Known, policy: Policy) -> int:
    """Earliest moment of a report that this can change, in microseconds since 1970 UTC.

    What is said acts forward (scenario format, "Subjects and links"), by at most the clocks' difference
    early, but for: a link that never was; a login that counts for the time before it, where the registry says
    so; what a subject is, where senders disagree; and a mark of compliance, which dates
    what was asked before.
    """
    at_us = microseconds(control.event.occurred_at)
    if _has_link(control) and policy.retro_link_device_opt_out_to_account == "backward":
        return ALWAYS_US
    if isinstance(control.event, IdentityLinked):
        if control.event.action is LinkAction.MISTAKEN:
            return ALWAYS_US
    elif control.event.kind is PreferenceKind.COMPLIED:
        at_us = min(at_us, _first_asked_us(control, known))
    if any(known.is_disputed(said.subject) for said in control.said):
        return ALWAYS_US
    return at_us - policy.clock_skew_bound_ms * 1000


def _has_link(control: Control) -> bool:
    return any(said.tie is not None for said in control.said)


def _first_asked_us(control: Control, known: Known) -> int:
    state = known.state(control.event.subject_key.bytes)
    facts = () if state is None else state.facts
    return min((fact.at_us for fact in facts if fact.content.kind in _HONORED), default=FOREVER_US)
