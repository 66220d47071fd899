"""Alerts about applications, about duties with a date, and about monitoring itself."""

from disclosure_ledger.monitoring.rules import AlertRule, RuleGroup, Severity

EDGE_ALERTS = RuleGroup(
    "disclosures-edges",
    (
        AlertRule(
            name="DisclosureOutboxWaiting",
            expr="sum by (instance) (disclosure_sdk_outbox_events) > 0",
            for_s=120,
            severity=Severity.TICKET,
            summary="An application cannot deliver: its events wait in the outbox on its disk.",
            description=(
                "{{ $value | printf \"%.0f\" }} events of {{ $labels.instance }} wait. They are safe on disk, and "
                "an opt-out among them is not obeyed yet."
            ),
        ),
        AlertRule(
            name="DisclosureOutboxOld",
            expr="max by (instance) (disclosure_sdk_outbox_oldest_seconds) > 900",
            for_s=60,
            severity=Severity.PAGE,
            summary="An application has not delivered for a quarter of an hour.",
            description=(
                "The oldest event in the outbox of {{ $labels.instance }} is {{ $value | humanizeDuration }} old. "
                "The outbox is bounded: once it is full, the application is refused."
            ),
        ),
        AlertRule(
            name="DisclosureContractExpiring",
            expr="max(disclosure_gate_contracts_expiring) > 0",
            for_s=3600,
            severity=Severity.TICKET,
            summary="A contract with a recipient ends soon.",
            description=(
                "{{ $value | printf \"%.0f\" }} contracts end within 30 days. From that day disclosures under them "
                "are no longer service: most are stopped, some become sales."
            ),
        ),
        AlertRule(
            name="DisclosureScrapeMissing",
            expr="min by (job, instance) (up) == 0",
            for_s=300,
            severity=Severity.TICKET,
            summary="A process does not tell how it is.",
            description="Prometheus gets no answer from {{ $labels.job }} at {{ $labels.instance }}.",
        ),
    ),
)
