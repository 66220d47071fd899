"""Step 2: events that correct or retract a report."""

from disclosure_consumers.core.reasons import Flag, Reason
from disclosure_consumers.core.verdict import Verdict
from disclosure_schemas.events.vocabulary import Outcome


def corrected(verdict: Verdict) -> Verdict:
    """A verdict on corrected content says so."""
    return verdict._replace(flags=tuple(sorted({*verdict.flags, Flag.CORRECTED})))


def retraction(verdict: Verdict) -> Verdict:
    """Verdict of a report that never happened, in place of what was found of it."""
    return Verdict(
        outcome=Outcome.RETRACTED,
        kind=verdict.kind,
        reason=Reason.RETRACTED,
        recipient_name=verdict.recipient_name,
        recipient_category=verdict.recipient_category,
        recipient_role=verdict.recipient_role,
        holds=verdict.holds,
        party_id=verdict.party_id,
    )
