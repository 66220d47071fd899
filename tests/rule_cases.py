"""When each rule fires, and when it does not: series as promtool writes them, one sample a minute."""

from dataclasses import dataclass

Series = dict[str, str]
"""Values by series; `0+2x30` is 0, 2, 4 and so on, thirty times after the first."""


@dataclass(frozen=True, slots=True)
class Case:
    """Series under which an alert fires, and under which it stays quiet, looked at after `at_m` minutes."""

    fires: Series
    quiet: Series
    at_m: int = 30


UP = "up{{job='{job}', instance='a'}}"
BUCKETS = ("0.005", "0.1", "1.0", "2.5", "5.0", "10.0", "30.0", "+Inf")


def histogram(name: str, seconds: float) -> Series:
    """One observation a second of so many seconds."""
    return {
        f"{name}_bucket{{instance='a', le='{bound}'}}": "0+60x60" if seconds <= float(bound) else "0x60"
        for bound in BUCKETS
    }


def gauge(name: str, fires: str, quiet: str, at_m: int = 30) -> Case:
    """A gauge that stands at one value, and at another."""
    return Case({name: f"{fires}x60"}, {name: f"{quiet}x60"}, at_m)


def counter(name: str, at_m: int = 30) -> Case:
    """A counter that grows lately, and one that grew long ago."""
    return Case({name: "0x28 3x5"}, {name: "5x60"}, at_m)


LABELS = "instance='a'"

ALERT_CASES: dict[str, Case] = {
    "DisclosureViolation": counter(
        "disclosure_gate_violations_total{reason='opted_out_of_sale', instance='a'}"
    ),
    "DisclosureAuditImbalance": gauge("disclosure_audit_imbalance{instance='a'}", "1", "0"),
    "DisclosureAuditOld": gauge("disclosure_audit_age_seconds{instance='a'}", "4000", "90"),
    "DisclosurePreferenceStateStale": gauge("disclosure_gate_state_age_seconds{instance='a'}", "45", "4"),
    "DisclosureFailedClosed": Case(
        {"disclosure_gate_barriers_total{state='stale', instance='a'}": "0x28 3x5"},
        {"disclosure_gate_barriers_total{state='current', instance='a'}": "0+9x60"},
    ),
    "DisclosureBarrierSlow": Case(
        histogram("disclosure_gate_barrier_seconds", 3.0), histogram("disclosure_gate_barrier_seconds", 0.004)
    ),
    "DisclosureDeadLetters": counter("disclosure_gate_dead_letters_total{cause='malformed', instance='a'}"),
    "DisclosureSequenceGaps": gauge("disclosure_ledger_sequence_gaps{instance='a'}", "2", "0"),
    "DisclosureGateDown": Case(
        {UP.format(job="gate"): "0x60"},
        {UP.format(job="gate"): "1x60", "up{job='gate', instance='b'}": "0x60"},
    ),
    "DisclosureGateBehind": gauge("disclosure_gate_lag_events{instance='a', partition='0'}", "20000", "500"),
    "DisclosureDecisionsSlow": Case(
        histogram("disclosure_gate_decision_seconds", 25.0),
        histogram("disclosure_gate_decision_seconds", 0.09),
    ),
    "DisclosureTransactionsFailing": Case(
        {"disclosure_gate_transactions_total{result='aborted', instance='a'}": "0x20 8x30"},
        {
            "disclosure_gate_transactions_total{result='committed', instance='a'}": "0+50x60",
            "disclosure_gate_transactions_total{result='aborted', instance='a'}": "0x20 1x30",
        },
        at_m=25,
    ),
    "DisclosureRegistryBroken": gauge("disclosure_gate_registry_broken{instance='a'}", "1", "0"),
    "DisclosureRecorderDown": Case({UP.format(job="recorder"): "0x60"}, {UP.format(job="recorder"): "1x60"}),
    "DisclosureRecorderBehind": gauge("disclosure_recorder_lag_seconds{instance='a'}", "120", "3"),
    "DisclosureLedgerCannotWrite": Case(
        {"disclosure_recorder_write_failures_total{instance='a'}": "0+2x60"},
        {"disclosure_recorder_write_failures_total{instance='a'}": "5x60"},
    ),
    "DisclosureLedgerDiskFilling": Case(
        {
            "disclosure_ledger_disk_free_bytes{instance='a'}": "5x60",
            "disclosure_ledger_disk_size_bytes{instance='a'}": "100x60",
        },
        {
            "disclosure_ledger_disk_free_bytes{instance='a'}": "50x60",
            "disclosure_ledger_disk_size_bytes{instance='a'}": "100x60",
        },
    ),
    "DisclosureLedgerCommitSlow": Case(
        histogram("disclosure_recorder_commit_seconds", 8.0),
        histogram("disclosure_recorder_commit_seconds", 0.05),
    ),
    "DisclosureOutboxWaiting": gauge("disclosure_sdk_outbox_events{instance='a', topic='t'}", "7", "0"),
    "DisclosureOutboxOld": gauge(
        "disclosure_sdk_outbox_oldest_seconds{instance='a', topic='t'}", "1000", "20"
    ),
    "DisclosureEventsRefused": counter("disclosure_sdk_rejected_total{instance='a', topic='t'}"),
    "DisclosureEventsSetAside": Case(
        {
            "disclosure_sdk_outbox_refused_events{instance='a', topic='t'}": "1x60",
            "disclosure_sdk_outbox_damaged{instance='a', topic='t'}": "0x60",
        },
        {
            "disclosure_sdk_outbox_refused_events{instance='a', topic='t'}": "0x60",
            "disclosure_sdk_outbox_damaged{instance='a', topic='t'}": "0x60",
        },
    ),
    "DisclosureClockAhead": counter("disclosure_gate_clock_ahead_total{instance='a'}"),
    "DisclosureContractExpiring": Case(
        {"disclosure_gate_contracts_expiring{within_days='30', instance='a'}": "1x90"},
        {
            "disclosure_gate_contracts_expiring{within_days='30', instance='a'}": "0x90",
            "disclosure_gate_contracts_expiring{within_days='90', instance='a'}": "1x90",
        },
        at_m=80,
    ),
    "DisclosureWorklistOverdue": gauge("disclosure_worklist_overdue_items{instance='a'}", "4", "0"),
    "DisclosureScrapeMissing": Case({UP.format(job="grafana"): "0x60"}, {UP.format(job="grafana"): "1x60"}),
}

_DECISIONS = (
    "disclosure_gate_decisions_total"
    "{{outcome='{}', reason='r', recipient_category='c', kind='sale', mode='request'}}"
)
_TWO = {_DECISIONS.format("permit"): "0+180x60", _DECISIONS.format("suppress"): "0+60x60"}

RECORDING_CASES: dict[str, tuple[Series, dict[str, float]]] = {
    "outcome:disclosure_gate_decisions:rate5m": (_TWO, {'{outcome="permit"}': 3, '{outcome="suppress"}': 1}),
    "recipient_category:disclosure_gate_decisions:rate5m": (
        _TWO,
        {
            '{outcome="permit", recipient_category="c"}': 3,
            '{outcome="suppress", recipient_category="c"}': 1,
        },
    ),
    "reason:disclosure_gate_blocked:rate5m": (_TWO, {'{reason="r"}': 1}),
    "disclosures:disclosure_gate_blocked:ratio_rate5m": (_TWO, {"{}": 0.25}),
    "disclosures:disclosure_gate_decision_seconds:p99_5m": (
        histogram("disclosure_gate_decision_seconds", 0.09),
        {"{}": 0.005 + 0.99 * 0.095},
    ),
    "disclosures:disclosure_gate_propagation_seconds:p99_5m": (
        histogram("disclosure_gate_propagation_seconds", 0.09),
        {"{}": 0.005 + 0.99 * 0.095},
    ),
    "disclosures:disclosure_gate_barrier_seconds:p99_5m": (
        histogram("disclosure_gate_barrier_seconds", 0.09),
        {"{}": 0.005 + 0.99 * 0.095},
    ),
    "disclosures:disclosure_recorder_commit_seconds:p99_5m": (
        histogram("disclosure_recorder_commit_seconds", 0.09),
        {"{}": 0.005 + 0.99 * 0.095},
    ),
}
"""Series, and what is computed of them after half an hour, by labels."""
