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
                '{{ $value | printf "%.0f" }} events of {{ $labels.instance }} wait. They are safe on disk, '
                "and an opt-out among them is not obeyed yet."
            ),
        ),
        AlertRule(
            name="DisclosureOutboxOld",
            expr="max by (instance) (disclosure_sdk_outbox_oldest_seconds) > 900",
            for_s=60,
            severity=Severity.PAGE,
            summary="An application has not delivered for a quarter of an hour.",
            description=(
                "The oldest event in the outbox of {{ $labels.instance }} is {{ $value | humanizeDuration }} "
                "old. The outbox is bounded: once it is full, the application is refused."
            ),
        ),
        AlertRule(
            name="DisclosureEventsRefused",
            expr="sum by (instance) (increase(disclosure_sdk_rejected_total[10m])) > 0",
            for_s=0,
            severity=Severity.PAGE,
            summary="An application could not hand over events: what they tell of is not recorded.",
            description=(
                '{{ $value | printf "%.0f" }} calls of {{ $labels.instance }} raised in ten minutes and '
                "accepted nothing: no room, or refused by the broker."
            ),
        ),
        AlertRule(
            name="DisclosureEventsSetAside",
            expr=(
                "sum by (instance) (disclosure_sdk_outbox_refused_events)"
                " + sum by (instance) (disclosure_sdk_outbox_damaged) > 0"
            ),
            for_s=60,
            severity=Severity.TICKET,
            summary="Stored events of an application cannot be delivered.",
            description=(
                '{{ $value | printf "%.0f" }} events or outbox files of {{ $labels.instance }} are set '
                "aside: the broker refuses them for good, or the file cannot be read."
            ),
        ),
        AlertRule(
            name="DisclosureClockAhead",
            expr="sum(increase(disclosure_gate_clock_ahead_total[10m])) > 0",
            for_s=0,
            severity=Severity.TICKET,
            summary="The clock of an application is ahead.",
            description=(
                'About {{ $value | printf "%.0f" }} requests in ten minutes say that they were made after '
                "Kafka had them. Reports of such an application are judged by a wrong moment."
            ),
        ),
        AlertRule(
            name="DisclosureContractExpiring",
            expr='max(disclosure_gate_contracts_expiring{within_days="30"}) > 0',
            for_s=3600,
            severity=Severity.TICKET,
            summary="A contract with a recipient ends soon.",
            description=(
                '{{ $value | printf "%.0f" }} contracts end within 30 days. From that day disclosures under '
                "them are no longer service: most are stopped, some become sales."
            ),
        ),
        AlertRule(
            name="DisclosureWorklistOverdue",
            expr="max(disclosure_worklist_overdue_items) > 0",
            for_s=0,
            severity=Severity.PAGE,
            summary="Recipients were not told of an opt-out, a limit or a deletion by the last day.",
            description='{{ $value | printf "%.0f" }} notifications are open past their last day.',
        ),
        AlertRule(
            name="DisclosureAccessDenied",
            expr='sum by (cause) (increase(disclosure_api_denials_total{cause!="rate_limited"}[10m])) > 60',
            for_s=0,
            severity=Severity.TICKET,
            summary="The API refuses many calls: somebody tries doors, or a key has expired.",
            description=(
                '{{ $value | printf "%.0f" }} calls in ten minutes were refused as {{ $labels.cause }}.'
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
