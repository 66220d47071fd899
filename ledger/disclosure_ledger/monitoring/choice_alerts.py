"""Alerts about people's choices and about completeness: what this product promises."""

from disclosure_ledger.monitoring.rules import AlertRule, RuleGroup, Severity

CHOICE_ALERTS = RuleGroup(
    "disclosures-promises",
    (
        AlertRule(
            name="DisclosureViolation",
            expr="sum by (reason) (increase(disclosure_gate_violations_total[15m])) > 0",
            for_s=0,
            severity=Severity.PAGE,
            summary="Personal information was disclosed against somebody's choice.",
            description=(
                '{{ $value | printf "%.0f" }} reports in 15 minutes tell of disclosures that should not have '
                "been made: {{ $labels.reason }}. The application did not ask, or did not obey the answer."
            ),
        ),
        AlertRule(
            name="DisclosureAuditImbalance",
            expr="max(disclosure_audit_imbalance) != 0",
            for_s=60,
            severity=Severity.PAGE,
            summary="Requests and decisions do not add up: something is lost or doubled.",
            description=(
                'The equation requested = decided + dead-lettered is off by {{ $value | printf "%.0f" }} '
                "records. Those still on their way are not counted."
            ),
        ),
        AlertRule(
            name="DisclosureAuditOld",
            expr="max(disclosure_audit_age_seconds) > 3600",
            for_s=300,
            severity=Severity.TICKET,
            summary="Nobody knows whether requests and decisions add up: the audit does not come to an end.",
            description="The last audit that came to an end is {{ $value | humanizeDuration }} old.",
        ),
        AlertRule(
            name="DisclosurePreferenceStateStale",
            expr="max by (instance) (disclosure_gate_state_age_seconds) > 30",
            for_s=60,
            severity=Severity.PAGE,
            summary="A gate does not know the newest opt-outs and has stopped sale and sharing.",
            description=(
                "The preference state of {{ $labels.instance }} is {{ $value | humanizeDuration }} old. "
                "Until it is current, sales, sharing and sensitive data are stopped; ordinary services go on."
            ),
        ),
        AlertRule(
            name="DisclosureFailedClosed",
            expr='sum by (instance) (increase(disclosure_gate_barriers_total{state!="current"}[5m])) > 0',
            for_s=0,
            severity=Severity.PAGE,
            summary="A gate decided without the newest preferences: sale and sharing were stopped.",
            description=(
                '{{ $value | printf "%.0f" }} batches in five minutes were decided by {{ $labels.instance }} '
                "without a current preference state, so all that needs one was stopped."
            ),
        ),
        AlertRule(
            name="DisclosureBarrierSlow",
            expr="disclosures:disclosure_gate_barrier_seconds:p99_5m > 1",
            for_s=600,
            severity=Severity.TICKET,
            summary="Gates wait long for the newest preferences before they decide.",
            description=(
                "99 % of read barriers take up to {{ $value | humanizeDuration }}. At five seconds a gate "
                "gives up and fails closed."
            ),
        ),
        AlertRule(
            name="DisclosureDeadLetters",
            expr="sum by (cause) (increase(disclosure_gate_dead_letters_total[15m])) > 0",
            for_s=0,
            severity=Severity.TICKET,
            summary="Records arrive that cannot be read, and are put aside.",
            description=(
                '{{ $value | printf "%.0f" }} dead letters in 15 minutes because of {{ $labels.cause }}. '
                "What they asked for was neither permitted nor stopped."
            ),
        ),
        AlertRule(
            name="DisclosureSequenceGaps",
            expr="max(disclosure_ledger_sequence_gaps) > 0",
            for_s=900,
            severity=Severity.TICKET,
            summary="Numbers are missing in what applications sent.",
            description=(
                '{{ $value | printf "%.0f" }} sequence numbers of producers never arrived: an application '
                "died with events in memory, or its outbox was deleted."
            ),
        ),
    ),
)
