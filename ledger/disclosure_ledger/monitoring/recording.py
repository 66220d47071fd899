"""Series that several panels and alerts share, computed once."""

from disclosure_ledger.monitoring.rules import RecordingRule, RuleGroup


def _p99(histogram: str) -> str:
    return f"histogram_quantile(0.99, sum by (le) (rate({histogram}_bucket[5m])))"


RECORDING = RuleGroup(
    "disclosures-recording",
    (
        RecordingRule(
            name="outcome:disclosure_gate_decisions:rate5m",
            expr="sum by (outcome) (rate(disclosure_gate_decisions_total[5m]))",
        ),
        RecordingRule(
            name="recipient_category:disclosure_gate_decisions:rate5m",
            expr="sum by (recipient_category, outcome) (rate(disclosure_gate_decisions_total[5m]))",
        ),
        RecordingRule(
            name="reason:disclosure_gate_blocked:rate5m",
            expr='sum by (reason) (rate(disclosure_gate_decisions_total{outcome!="permit"}[5m]))',
        ),
        RecordingRule(
            name="disclosures:disclosure_gate_blocked:ratio_rate5m",
            expr=(
                'sum(rate(disclosure_gate_decisions_total{outcome!="permit"}[5m]))'
                " / (sum(rate(disclosure_gate_decisions_total[5m])) > 0)"
            ),
        ),
        RecordingRule(
            name="disclosures:disclosure_gate_decision_seconds:p99_5m",
            expr=_p99("disclosure_gate_decision_seconds"),
        ),
        RecordingRule(
            name="disclosures:disclosure_gate_propagation_seconds:p99_5m",
            expr=_p99("disclosure_gate_propagation_seconds"),
        ),
        RecordingRule(
            name="disclosures:disclosure_gate_barrier_seconds:p99_5m",
            expr=_p99("disclosure_gate_barrier_seconds"),
        ),
        RecordingRule(
            name="disclosures:disclosure_recorder_commit_seconds:p99_5m",
            expr=_p99("disclosure_recorder_commit_seconds"),
        ),
    ),
)
