"""Settings of policy.yaml that protect less than their defaults."""

from collections.abc import Mapping
from typing import Any

from disclosure_consumers.core.registry import Policy
from disclosure_consumers.registry_check.findings import Subject
from disclosure_consumers.registry_folder.contents import POLICY

_WEAKER: Mapping[str, tuple[Any, str]] = {
    "treat_cookie_reject_as_opt_out": (False, "a rejected cookie banner stops nothing"),
    "anonymous_device_opt_out_persists": (
        False,
        "a device's signal is forgotten at its next visit without it",
    ),
    "retro_link_device_opt_out_to_account": ("none", "a device's opt-out reaches no account linked later"),
    "us_wide_gpc": (False, "GPC of people in other states stops nothing"),
    "unparseable_signal": ("ignore", "a signal that cannot be read stops nothing"),
    "household_strictest": (False, "an opt-out does not reach the household"),
    "aged_out_requires_notice": (False, "those aged out are sold or shared without a word"),
    "notice_sla_override": (False, "a shorter deadline that was promised does not bind"),
    "dual_notice_check": (False, "what was promised at collection does not bind"),
    "business_days": ("mon_fri", "deadlines are later: under Civ. Code 7 and 9 a Saturday counts"),
}
"""Value of a setting that protects less, and what it means."""


def check_settings(subject: Subject) -> None:
    """Find settings that weaken a protection."""
    policy, defaults = subject.registry.policy, Policy()
    said = {
        name: f"is {_text(value)}: {meaning}"
        for name, (value, meaning) in _WEAKER.items()
        if getattr(policy, name) == value
    }
    missing = sorted(defaults.fail_closed_kinds - policy.fail_closed_kinds)
    if missing:
        said["fail_closed_kinds"] = (
            f"leaves out {', '.join(missing)}: permitted while preferences are unreadable"
        )
    if policy.clock_skew_bound_ms < defaults.clock_skew_bound_ms:
        said["clock_skew_bound_ms"] = (
            f"is {policy.clock_skew_bound_ms}, less than {defaults.clock_skew_bound_ms}: an opt-out may lose "
            "against a disclosure by a clock that is wrong"
        )
    for name, sentence in said.items():
        subject.find("toggle_weakens", POLICY, ("toggles", name), f"{name} {sentence}.")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
