"""Series under which each rule does what it should, in promtool's notation: `0+1x40` rises by 1 forty times.

A value stands for each quarter of a minute. Every alert has a case that fires and one beside it, as near as
can be, that does not.
"""

from dataclasses import dataclass

Series = dict[str, str]

STEPS = 400
"""A hundred minutes."""


@dataclass(frozen=True, kw_only=True)
class AlertCase:
    """Series that make an alert fire, series that do not, and labels that the alert then has."""

    fires: Series
    quiet: Series
    labels: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class RecordingCase:
    """Series, and what the rule makes of them after half an hour, by labels as promtool writes them."""

    series: Series
    results: dict[str, float]


def steady(value: float) -> str:
    """The same value all the time."""
    return f"{value:g}+0x{STEPS}"


def rising(per_step: float) -> str:
    """A counter."""
    return f"0+{per_step:g}x{STEPS}"


def waits(name: str, at_most_s: str, **others: float) -> Series:
    """Buckets of a histogram all of whose observations lie just below a bound."""
    bounds = ["0.5", "1", "2.5", "5", "10", "30", "+Inf"]
    return {
        f'{name}_bucket{{instance="a",le="{bound}"}}': rising(4 if float(bound) >= float(at_most_s) else 0)
        for bound in bounds
    }


_AT_A = {"instance": "a"}

ALERT_CASES: dict[str, AlertCase] = {
    "DisclosureViolation": AlertCase(
        fires={'disclosure_gate_violations_total{instance="a",reason="opted_out_of_sale"}': rising(0.1)},
        quiet={'disclosure_gate_violations_total{instance="a",reason="opted_out_of_sale"}': steady(7)},
        labels={"reason": "opted_out_of_sale"},
    ),
    "DisclosureAuditImbalance": AlertCase(
        fires={"disclosure_audit_imbalance": steady(1)},
        quiet={"disclosure_audit_imbalance": steady(0)},
        labels={},
    ),
    "DisclosureAuditOld": AlertCase(
        fires={"disclosure_audit_age_seconds": steady(3601)},
        quiet={"disclosure_audit_age_seconds": steady(3600)},
        labels={},
    ),
    "DisclosurePreferenceStateStale": AlertCase(
        fires={'disclosure_gate_state_age_seconds{instance="a"}': steady(31)},
        quiet={'disclosure_gate_state_age_seconds{instance="a"}': steady(30)},
        labels=_AT_A,
    ),
    "DisclosureFailedClosed": AlertCase(
        fires={
            'disclosure_gate_barriers_total{instance="a",state="current"}': rising(9),
            'disclosure_gate_barriers_total{instance="a",state="stale"}': rising(1),
        },
        quiet={
            'disclosure_gate_barriers_total{instance="a",state="current"}': rising(9),
            'disclosure_gate_barriers_total{instance="a",state="stale"}': steady(3),
        },
        labels=_AT_A,
    ),
    "DisclosureBarrierSlow": AlertCase(
        fires=waits("disclosure_gate_barrier_seconds", "2.5"),
        quiet=waits("disclosure_gate_barrier_seconds", "1"),
        labels={},
    ),
    "DisclosureDeadLetters": AlertCase(
        fires={'disclosure_gate_dead_letters_total{instance="a",cause="malformed"}': rising(0.1)},
        quiet={'disclosure_gate_dead_letters_total{instance="a",cause="malformed"}': steady(5)},
        labels={"cause": "malformed"},
    ),
    "DisclosureSequenceGaps": AlertCase(
        fires={"disclosure_ledger_sequence_gaps": steady(1)},
        quiet={"disclosure_ledger_sequence_gaps": steady(0)},
        labels={},
    ),
    "DisclosureGateDown": AlertCase(
        fires={'up{job="gate",instance="a"}': steady(0), 'up{job="gate",instance="b"}': steady(0)},
        quiet={'up{job="gate",instance="a"}': steady(0), 'up{job="gate",instance="b"}': steady(1)},
        labels={},
    ),
    "DisclosureGateBehind": AlertCase(
        fires={
            'disclosure_gate_lag_events{instance="a",partition="0"}': steady(6000),
            'disclosure_gate_lag_events{instance="b",partition="1"}': steady(6000),
        },
        quiet={
            'disclosure_gate_lag_events{instance="a",partition="0"}': steady(5000),
            'disclosure_gate_lag_events{instance="b",partition="1"}': steady(5000),
        },
        labels={},
    ),
    "DisclosureDecisionsSlow": AlertCase(
        fires=waits("disclosure_gate_decision_seconds", "30"),
        quiet=waits("disclosure_gate_decision_seconds", "10"),
        labels={},
    ),
    "DisclosureTransactionsFailing": AlertCase(
        fires={'disclosure_gate_transactions_total{instance="a",result="aborted"}': rising(0.2)},
        quiet={
            'disclosure_gate_transactions_total{instance="a",result="aborted"}': rising(0.05),
            'disclosure_gate_transactions_total{instance="a",result="committed"}': rising(50),
        },
        labels={"instance": "a", "result": "aborted"},
    ),
    "DisclosureRegistryBroken": AlertCase(
        fires={'disclosure_gate_registry_broken{instance="a"}': steady(1)},
        quiet={'disclosure_gate_registry_broken{instance="a"}': steady(0)},
        labels=_AT_A,
    ),
    "DisclosureRecorderDown": AlertCase(
        fires={'up{job="recorder",instance="a"}': steady(0)},
        quiet={'up{job="recorder",instance="a"}': steady(1)},
        labels={},
    ),
    "DisclosureRecorderBehind": AlertCase(
        fires={"disclosure_recorder_lag_seconds": steady(61)},
        quiet={"disclosure_recorder_lag_seconds": steady(60)},
        labels={},
    ),
    "DisclosureTopicMissing": AlertCase(
        fires={'disclosure_recorder_missing_topics{topic="disclosures.bulks"}': steady(1)},
        quiet={'disclosure_recorder_missing_topics{topic="disclosures.bulks"}': steady(0)},
        labels={"topic": "disclosures.bulks"},
    ),
    "DisclosureLedgerCannotWrite": AlertCase(
        fires={"disclosure_recorder_write_failures_total": rising(1)},
        quiet={"disclosure_recorder_write_failures_total": steady(12)},
        labels={},
    ),
    "DisclosureLedgerDiskFilling": AlertCase(
        fires={
            "disclosure_ledger_disk_free_bytes": steady(99),
            "disclosure_ledger_disk_size_bytes": steady(1000),
        },
        quiet={
            "disclosure_ledger_disk_free_bytes": steady(100),
            "disclosure_ledger_disk_size_bytes": steady(1000),
        },
        labels={},
    ),
    "DisclosureLedgerCommitSlow": AlertCase(
        fires=waits("disclosure_recorder_commit_seconds", "10"),
        quiet=waits("disclosure_recorder_commit_seconds", "5"),
        labels={},
    ),
    "DisclosureOutboxWaiting": AlertCase(
        fires={'disclosure_sdk_outbox_events{instance="a",topic="disclosures.requested"}': steady(1)},
        quiet={'disclosure_sdk_outbox_events{instance="a",topic="disclosures.requested"}': steady(0)},
        labels=_AT_A,
    ),
    "DisclosureOutboxOld": AlertCase(
        fires={
            'disclosure_sdk_outbox_oldest_seconds{instance="a",topic="disclosures.requested"}': steady(901)
        },
        quiet={
            'disclosure_sdk_outbox_oldest_seconds{instance="a",topic="disclosures.requested"}': steady(900)
        },
        labels=_AT_A,
    ),
    "DisclosureEventsRefused": AlertCase(
        fires={'disclosure_sdk_rejected_total{instance="a",topic="disclosures.requested"}': rising(0.1)},
        quiet={'disclosure_sdk_rejected_total{instance="a",topic="disclosures.requested"}': steady(4)},
        labels=_AT_A,
    ),
    "DisclosureEventsSetAside": AlertCase(
        fires={
            'disclosure_sdk_outbox_refused_events{instance="a"}': steady(0),
            'disclosure_sdk_outbox_damaged{instance="a"}': steady(1),
        },
        quiet={
            'disclosure_sdk_outbox_refused_events{instance="a"}': steady(0),
            'disclosure_sdk_outbox_damaged{instance="a"}': steady(0),
        },
        labels=_AT_A,
    ),
    "DisclosureClockAhead": AlertCase(
        fires={'disclosure_gate_clock_ahead_total{instance="a"}': rising(0.1)},
        quiet={'disclosure_gate_clock_ahead_total{instance="a"}': steady(3)},
        labels={},
    ),
    "DisclosureContractExpiring": AlertCase(
        fires={'disclosure_gate_contracts_expiring{instance="a",within_days="30"}': steady(1)},
        quiet={
            'disclosure_gate_contracts_expiring{instance="a",within_days="30"}': steady(0),
            'disclosure_gate_contracts_expiring{instance="a",within_days="90"}': steady(1),
        },
        labels={},
    ),
    "DisclosureWorklistOverdue": AlertCase(
        fires={'disclosure_worklist_overdue_items{instance="a"}': steady(4)},
        quiet={'disclosure_worklist_overdue_items{instance="a"}': steady(0)},
        labels={},
    ),
    "DisclosureAccessDenied": AlertCase(
        fires={'disclosure_api_denials_total{instance="a",cause="forbidden"}': rising(2)},
        quiet={
            'disclosure_api_denials_total{instance="a",cause="forbidden"}': rising(1),
            'disclosure_api_denials_total{instance="a",cause="rate_limited"}': rising(9),
        },
        labels={"cause": "forbidden"},
    ),
    "DisclosureScrapeMissing": AlertCase(
        fires={'up{job="application",instance="a"}': steady(0)},
        quiet={'up{job="application",instance="a"}': steady(1)},
        labels={"job": "application", "instance": "a"},
    ),
}

_DECISIONS: Series = {
    'disclosure_gate_decisions_total{instance="a",outcome="permit",reason="sale_permitted",'
    'recipient_category="ad_networks"}': rising(30),
    'disclosure_gate_decisions_total{instance="b",outcome="permit",reason="sale_permitted",'
    'recipient_category="banks"}': rising(15),
    'disclosure_gate_decisions_total{instance="a",outcome="suppress",reason="opted_out_of_sale",'
    'recipient_category="ad_networks"}': rising(15),
}

RECORDING_CASES: dict[str, RecordingCase] = {
    "outcome:disclosure_gate_decisions:rate5m": RecordingCase(
        series=_DECISIONS, results={'{outcome="permit"}': 3, '{outcome="suppress"}': 1}
    ),
    "recipient_category:disclosure_gate_decisions:rate5m": RecordingCase(
        series=_DECISIONS,
        results={
            '{outcome="permit",recipient_category="ad_networks"}': 2,
            '{outcome="permit",recipient_category="banks"}': 1,
            '{outcome="suppress",recipient_category="ad_networks"}': 1,
        },
    ),
    "reason:disclosure_gate_blocked:rate5m": RecordingCase(
        series=_DECISIONS, results={'{reason="opted_out_of_sale"}': 1}
    ),
    "disclosures:disclosure_gate_blocked:ratio_rate5m": RecordingCase(
        series=_DECISIONS, results={"{}": 0.25}
    ),
    "disclosures:disclosure_gate_decision_seconds:p99_5m": RecordingCase(
        series=waits("disclosure_gate_decision_seconds", "5"), results={"{}": 2.5 + 2.5 * 0.99}
    ),
    "disclosures:disclosure_gate_propagation_seconds:p99_5m": RecordingCase(
        series=waits("disclosure_gate_propagation_seconds", "2.5"), results={"{}": 1 + 1.5 * 0.99}
    ),
    "disclosures:disclosure_gate_barrier_seconds:p99_5m": RecordingCase(
        series=waits("disclosure_gate_barrier_seconds", "1"), results={"{}": 0.5 + 0.5 * 0.99}
    ),
    "disclosures:disclosure_recorder_commit_seconds:p99_5m": RecordingCase(
        series=waits("disclosure_recorder_commit_seconds", "30"), results={"{}": 10 + 20 * 0.99}
    ),
}
