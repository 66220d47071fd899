"""What the settings make of a stop: some signals count only by choice, some only for a time (legal 7.4)."""

from disclosure_consumers.core.registry import Policy
from disclosure_consumers.core.subject.standing import Basis, Stop

# fmt: off
GPC_STATES = frozenset({
    None, "unknown", "US-CA", "US-CO", "US-CT", "US-DE", "US-MD", "US-MN", "US-MT", "US-NE", "US-NH", "US-NJ",
    "US-OR", "US-TX",
})
# fmt: on
"""States whose law requires the signal to be honored, and unknown (legal 4.18)."""


def stands(stop: Stop, at_us: int, region: str | None, policy: Policy) -> bool:
    """Whether a stop that has reached a subject of this region counts at a moment, denial aside."""
    if stop.ended_us is not None and stop.ended_us <= at_us:
        return False
    if stop.unsent_us is not None and stop.unsent_us <= at_us:
        return False
    if stop.basis is Basis.DNT and not policy.treat_dnt_as_opt_out:
        return False
    if stop.basis is Basis.UNPARSEABLE and policy.unparseable_signal == "ignore":
        return False
    if stop.basis is Basis.COOKIE and not policy.treat_cookie_reject_as_opt_out:
        return False
    return not (stop.basis.is_gpc and not policy.us_wide_gpc and region not in GPC_STATES)
