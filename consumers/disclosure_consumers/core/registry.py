"""The registry as values: the words, the recipients with their contracts, the notices, the settings.

Everything is frozen; moments are microseconds since 1970 UTC, periods half-open [from_us, until_us).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

FOREVER_US = 2**62
"""Later than any moment."""

ALL: Literal["all"] = "all"


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open period [from_us, until_us)."""

    from_us: int
    until_us: int

    def holds(self, at_us: int) -> bool:
        """Whether a moment lies in the period."""
        return self.from_us <= at_us < self.until_us

    def within(self, other: "Period") -> "Period":
        """The part of this period that lies in another; empty periods end where they begin."""
        from_us = max(self.from_us, other.from_us)
        return Period(from_us, max(from_us, min(self.until_us, other.until_us)))


ALWAYS = Period(-FOREVER_US, FOREVER_US)


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The words a registry and an event may use."""

    elements: Mapping[str, frozenset[str]]
    sensitive_elements: frozenset[str]
    unique_identifiers: frozenset[str]
    recipient_categories: frozenset[str]
    purposes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract with a recipient (legal 2.7)."""

    id: str
    type: Literal["service_provider", "contractor", "third_party"]
    period: Period
    required_terms: bool = True
    certified: bool = False
    deidentification: bool = False
    forwards_opt_outs: bool = False
    gdpr_processor: bool = False
    through: str | None = None
    flow_down: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """One registered legal party; its role follows from its contracts, never from an event."""

    id: str
    name: str
    category: str
    country: str = "US"
    affiliate: Literal["common_branding", "separate_branding"] | None = None
    contracts: tuple[Contract, ...] = ()


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One row of a notice: recipient categories for each of its two columns; ALL for any."""

    business_purpose: frozenset[str] | Literal["all"]
    sale_or_share: frozenset[str] | Literal["all"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One published notice as data: PI category x recipient category x kind x purpose (legal 0.8)."""

    id: str
    period: Period
    purposes: frozenset[str] | Literal["all"]
    purposes_excluded: frozenset[str]
    rows: Mapping[str, NoticeRow]
    no_sale_or_share_under: int | None = None
    opt_out_days: int | None = None
    limit_days: int | None = None

    def row(self, category: str) -> NoticeRow | None:
        """Row of a PI category, or the row for all categories."""
        return self.rows.get(category) or self.rows.get(ALL)

    def declares_purpose(self, purpose: str) -> bool:
        """Whether the notice declares a purpose."""
        if purpose in self.purposes_excluded:
            return False
        return self.purposes == ALL or purpose in self.purposes


@dataclass(frozen=True, slots=True)
class Policy:
    """Settings where the law leaves a choice; names and defaults as legal 7.4 and the scenario format."""

    treat_dnt_as_opt_out: bool = False
    treat_cookie_reject_as_opt_out: bool = True
    anonymous_device_opt_out_persists: bool = True
    retro_link_device_opt_out_to_account: Literal["forward_only", "none", "backward"] = "forward_only"
    us_wide_gpc: bool = True
    unparseable_signal: Literal["suppress", "ignore"] = "suppress"
    fail_closed_kinds: frozenset[Literal["sale", "share", "sensitive"]] = frozenset(
        ("sale", "share", "sensitive")
    )
    consent_ttl_days: int | None = None
    household_strictest: bool = True
    aged_out_requires_notice: bool = True
    clock_skew_bound_ms: int = 1000
    notice_sla_override: bool = True
    dual_notice_check: bool = True
    business_days: Literal["mon_sat", "mon_fri"] = "mon_sat"


class _NoticeInForce(NamedTuple):
    notice: Notice | None
    period: Period


@dataclass(frozen=True, slots=True)
class Registry:
    """All that a decision is checked against; `content_hash` is stamped on every decision (G5)."""

    taxonomy: Taxonomy
    recipients: Mapping[str, Recipient]
    notices: tuple[Notice, ...]
    policy: Policy
    content_hash: bytes
    remembered: dict[object, object] = field(default_factory=dict, repr=False, compare=False)
    """Answers to questions that only the registry decides, kept by those who work them out."""

    def notice_at(self, at_us: int) -> Notice | None:
        """Notice in force at a moment: of several, the latest to have taken effect."""
        return self.notice_period(at_us)[0]

    def notice_period(self, at_us: int) -> tuple[Notice | None, Period]:
        """Notice in force at a moment, and the period in which no notice begins or ends."""
        known = self.remembered.get(_NoticeInForce)
        if isinstance(known, _NoticeInForce) and known.period.holds(at_us):
            return known.notice, known.period
        in_force = [notice for notice in self.notices if notice.period.holds(at_us)]
        notice = max(in_force, key=lambda notice: notice.period.from_us, default=None)
        period = between([edge for n in self.notices for edge in edges(n.period)], at_us)
        self.remembered[_NoticeInForce] = _NoticeInForce(notice, period)
        return notice, period

    def unchanged_around(self, at_us: int, recipient_ids: tuple[str, ...]) -> Period:
        """Longest period around a moment in which no notice and no contract of these recipients changes."""
        found = [edge for notice in self.notices for edge in edges(notice.period)]
        pending, seen = list(recipient_ids), set(recipient_ids)
        while pending:
            recipient = self.recipients.get(pending.pop())
            for contract in recipient.contracts if recipient else ():
                found.extend(edges(contract.period))
                if contract.through is not None and contract.through not in seen:
                    seen.add(contract.through)
                    pending.append(contract.through)
        return between(found, at_us)


def edges(period: Period) -> tuple[int, int]:
    """Moments at which a period begins and ends."""
    return period.from_us, period.until_us


def between(moments: list[int], at_us: int) -> Period:
    """Longest period around a moment that none of these moments divides."""
    return Period(
        max((edge for edge in moments if edge <= at_us), default=-FOREVER_US),
        min((edge for edge in moments if edge > at_us), default=FOREVER_US),
    )
