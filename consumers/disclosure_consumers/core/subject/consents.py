"""Opt-ins: two steps, by a method that is consent, not asked for too soon, not lapsed (legal 2.6, 1.8.2).

Permissions hold for the subject they name and for no other; only what was said by a moment counts at it.
"""

from datetime import date
from typing import NamedTuple

from disclosure_consumers.core.days.calendars import twelve_months_after
from disclosure_consumers.core.days.deadlines import california_day
from disclosure_consumers.core.reasons import Reason
from disclosure_consumers.core.registry import Policy
from disclosure_consumers.core.subject.ages import is_under_16, known_at, region_at
from disclosure_consumers.core.subject.facts import Fact
from disclosure_consumers.core.subject.settings_obeyed import stands
from disclosure_consumers.core.subject.standing import SALE_AND_SHARE, Basis, Standing, Stop
from disclosure_schemas.events.vocabulary import Kind, PreferenceKind

_DAY_US = 24 * 60 * 60 * 1_000_000
_CONSENTS = frozenset({None, "web_form", "phone", "signed_authorization"})
_SALE_AND_SHARE_WORDS: frozenset[str] = frozenset(SALE_AND_SHARE)


class OptIn(NamedTuple):
    """One opt-in, or its first step, as it stands at some moment.

    `purposes`, `recipients`, `transaction`: what it names; None names nothing and covers all. `fault`: why it
    is not sound, its scope aside.
    """

    requested_us: int
    confirmed_us: int | None
    of: frozenset[str]
    purposes: frozenset[str] | None
    recipients: frozenset[str] | None
    transactions: frozenset[str] | None
    method: str | None
    expires_us: int | None
    prompted: bool
    informed_of_signal: bool
    fault: Reason | None = None

    def is_later_than(self, moment_us: int) -> bool:
        """Whether both steps came after a moment; at equal instants the protection wins (legal 0.7)."""
        return self.confirmed_us is not None and self.requested_us > moment_us < self.confirmed_us

    def covers(
        self,
        wanted: frozenset[str] | frozenset[Kind],
        recipient_id: str,
        purpose: str,
        transaction_id: str | None,
    ) -> bool:
        """Whether all of what is wanted is among what it names (1798.140(h), legal 1.1.13)."""
        return (
            wanted <= self.of
            and (self.purposes is None or purpose in self.purposes)
            and (self.recipients is None or recipient_id in self.recipients)
            and (self.transactions is None or transaction_id in self.transactions)
        )


def opt_ins_at(standing: Standing, at_us: int, policy: Policy) -> tuple[OptIn, ...]:
    """Opt-ins of a subject as they stand at a moment, each with its fault, in the order of their requests."""
    said = [fact for fact in standing.permissions if fact.at_us <= at_us]
    found = _paired(said)
    confirmed = [opt_in.confirmed_us for opt_in in found if opt_in.confirmed_us is not None]
    return tuple(
        opt_in._replace(fault=_fault(opt_in, standing, at_us, policy, tuple(confirmed))) for opt_in in found
    )


def _paired(said: list[Fact]) -> list[OptIn]:
    """A confirmation joins the latest earlier request not yet confirmed; alone, it is only a request."""
    requests: list[Fact] = []
    confirmed: dict[int, Fact] = {}
    for fact in said:
        if fact.content.kind is PreferenceKind.OPT_IN_REQUESTED:
            requests.append(fact)
        elif fact.content.kind is PreferenceKind.OPT_IN_CONFIRMED:
            open_requests = [
                place
                for place, request in enumerate(requests)
                if place not in confirmed and request.at_us < fact.at_us
            ]
            if open_requests:
                confirmed[open_requests[-1]] = fact
            else:
                requests.append(fact)
    return [_opt_in(request, confirmed.get(place)) for place, request in enumerate(requests)]


def _opt_in(request: Fact, confirmation: Fact | None) -> OptIn:
    """Both steps together; what both name is what both cover."""
    steps = [request.content] if confirmation is None else [request.content, confirmation.content]
    expires = [f.other_us for f in (request, confirmation) if f is not None and f.other_us is not None]
    methods = [step.method for step in steps if step.method is not None]
    return OptIn(
        requested_us=request.at_us,
        confirmed_us=None if confirmation is None else confirmation.at_us,
        of=_both([step.of or None for step in steps]) or _default_of([step.of for step in steps]),
        purposes=_both([step.purposes or None for step in steps]),
        recipients=_both([step.recipients or None for step in steps]),
        transactions=_both([None if s.transaction is None else frozenset({s.transaction}) for s in steps]),
        method=max(methods, key=_weight, default=None),
        expires_us=min(expires, default=None),
        prompted=any(step.prompted for step in steps),
        informed_of_signal=any(step.informed_of_signal for step in steps),
    )


def _both(named: list[frozenset[str] | None]) -> frozenset[str] | None:
    found = [names for names in named if names is not None]
    return frozenset.intersection(*found) if found else None


def _default_of(named: list[frozenset[str]]) -> frozenset[str]:
    return frozenset() if any(named) else _SALE_AND_SHARE_WORDS


def _weight(method: str) -> int:
    """Of two methods the one that is no consent counts; then the signature."""
    return 2 if method not in _CONSENTS else method == "signed_authorization"


def _fault(
    opt_in: OptIn, standing: Standing, at_us: int, policy: Policy, confirmed: tuple[int, ...]
) -> Reason | None:
    """The first fault in the order of the scenario format, "Sound opt-in"."""
    if opt_in.confirmed_us is None:
        return Reason.OPT_IN_NOT_CONFIRMED  # 11 CCR 7028(a)
    if opt_in.method not in _CONSENTS or _was_asked_too_soon(opt_in, standing, policy, confirmed):
        return Reason.CONSENT_INVALID  # 1798.140(h), 1798.135(c)(4)
    expires_us = expiry_us(opt_in, policy)
    if expires_us is not None and at_us >= expires_us:
        return Reason.CONSENT_EXPIRED
    return None


def expiry_us(opt_in: OptIn, policy: Policy) -> int | None:
    """When it lapses: at its own date or, by policy, some days after it was confirmed."""
    ends = [] if opt_in.expires_us is None else [opt_in.expires_us]
    if policy.consent_ttl_days is not None and opt_in.confirmed_us is not None:
        ends.append(opt_in.confirmed_us + policy.consent_ttl_days * _DAY_US)
    return min(ends, default=None)


def _was_asked_too_soon(
    opt_in: OptIn, standing: Standing, policy: Policy, confirmed: tuple[int, ...]
) -> bool:
    """Within twelve months of an opt-out, signal, limit or refusal the business may not ask (legal 1.8.2)."""
    if not opt_in.prompted or opt_in.transactions is not None:  # 11 CCR 7028(b)
        return False
    asked_us = opt_in.requested_us
    asked_on = california_day(asked_us)

    def too_soon(reached_us: int, received_us: int) -> bool:
        return reached_us <= asked_us and asked_on < _may_ask_from(received_us)

    region = region_at(standing.regions, asked_us)
    for stop in standing.stops if opt_in.of & _SALE_AND_SHARE_WORDS else ():
        lifted = stop.denied_us is not None and stop.denied_us <= asked_us
        if stop.basis is Basis.COOKIE or lifted or not stands(stop, asked_us, region, policy):
            continue  # a banner is no opt-out; what was denied, or does not count, covers nobody
        if too_soon(stop.reached_us, stop.received_us) and not _may_ask_of_conflict(opt_in, stop, confirmed):
            return True
    limits = standing.limits if "sensitive" in opt_in.of else ()
    if any(too_soon(limit.reached_us, limit.received_us) for limit in limits):
        return True
    return any(
        too_soon(refusal.at_us, refusal.at_us) and not _has_grown_up_since(refusal.at_us, asked_us, standing)
        for refusal in standing.permissions
        if refusal.content.kind is PreferenceKind.OPT_IN_DECLINED
    )


def _may_ask_of_conflict(opt_in: OptIn, stop: Stop, confirmed: tuple[int, ...]) -> bool:
    """Told that a signal conflicts with an earlier, confirmed opt-in (11 CCR 7025(c)(3), legal 2.3.4)."""
    conflicts = stop.basis.is_gpc and any(moment < stop.reached_us for moment in confirmed)
    return opt_in.informed_of_signal and conflicts


def _has_grown_up_since(refused_us: int, asked_us: int, standing: Standing) -> bool:
    """Refused while under 16, and known to be 16 when asked again (1798.135(c)(5))."""
    now = known_at(standing.ages, asked_us)
    was_under_16 = is_under_16(known_at(standing.ages, refused_us).band)
    return was_under_16 and now.band in {"16_to_17", "adult"}


def _may_ask_from(received_us: int) -> date:
    """Same calendar date next year (legal 9.10)."""
    return twelve_months_after(california_day(received_us))
