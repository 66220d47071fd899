"""Alerts about gates, the recorder and the ledger's disk."""

from disclosure_ledger.monitoring.rules import AlertRule, RuleGroup, Severity

GATE_ALERTS = RuleGroup(
    "disclosures-gate",
    (
        AlertRule(
            name="DisclosureGateDown",
            expr='sum(up{job="gate"}) == 0 or absent(up{job="gate"})',
            for_s=60,
            severity=Severity.PAGE,
            summary="No gate runs: nothing is decided.",
            description=(
                "Not one gate answers Prometheus. Requests wait in Kafka; applications that wait for an "
                "answer do not disclose. Nothing is lost."
            ),
        ),
        AlertRule(
            name="DisclosureGateBehind",
            expr="sum(disclosure_gate_lag_events) > 10000",
            for_s=600,
            severity=Severity.TICKET,
            summary="Gates do not keep up with what applications ask.",
            description='{{ $value | printf "%.0f" }} requests wait for their decision.',
        ),
        AlertRule(
            name="DisclosureDecisionsSlow",
            expr="disclosures:disclosure_gate_decision_seconds:p99_5m > 10",
            for_s=300,
            severity=Severity.TICKET,
            summary="Decisions come late.",
            description="99 % of requests are decided {{ $value | humanizeDuration }} after Kafka has them.",
        ),
        AlertRule(
            name="DisclosureTransactionsFailing",
            expr=(
                "sum by (instance, result)"
                ' (increase(disclosure_gate_transactions_total{result!="committed"}[10m])) > 3'
            ),
            for_s=0,
            severity=Severity.TICKET,
            summary="Transactions of a gate do not go through.",
            description=(
                '{{ $value | printf "%.0f" }} transactions of {{ $labels.instance }} were '
                "{{ $labels.result }} in ten minutes. What was in them is taken again."
            ),
        ),
        AlertRule(
            name="DisclosureRegistryBroken",
            expr="max by (instance) (disclosure_gate_registry_broken) > 0",
            for_s=300,
            severity=Severity.TICKET,
            summary="The registry on disk cannot be loaded; gates decide by the last good one.",
            description=(
                "{{ $labels.instance }} cannot load the files of its registry. It goes on with the one it "
                "has, and a restart would find none."
            ),
        ),
    ),
)

LEDGER_ALERTS = RuleGroup(
    "disclosures-ledger",
    (
        AlertRule(
            name="DisclosureRecorderDown",
            expr='sum(up{job="recorder"}) == 0 or absent(up{job="recorder"})',
            for_s=60,
            severity=Severity.PAGE,
            summary="The recorder does not run: decisions are not recorded and the ledger cannot be asked.",
            description=(
                "The recorder does not answer Prometheus. Decisions wait in Kafka for as long as the topic "
                "keeps them (30 days); nothing is lost before that."
            ),
        ),
        AlertRule(
            name="DisclosureRecorderBehind",
            expr="max(disclosure_recorder_lag_seconds) > 60",
            for_s=300,
            severity=Severity.TICKET,
            summary="The ledger is behind: answers miss the newest decisions.",
            description="The newest recorded decision is {{ $value | humanizeDuration }} old; others wait.",
        ),
        AlertRule(
            name="DisclosureTopicMissing",
            expr="max by (topic) (disclosure_recorder_missing_topics) > 0",
            for_s=60,
            severity=Severity.PAGE,
            summary="The recorder waits for a topic that does not exist: nothing is recorded.",
            description=(
                "The broker has no topic {{ $labels.topic }}. Decisions wait in Kafka for as long as their "
                "topic keeps them (30 days); answers miss all that is new."
            ),
        ),
        AlertRule(
            name="DisclosureLedgerCannotWrite",
            expr="sum(increase(disclosure_recorder_write_failures_total[2m])) > 0",
            for_s=30,
            severity=Severity.PAGE,
            summary="The recorder cannot write into the ledger: there is no room.",
            description=(
                '{{ $value | printf "%.0f" }} batches could not be written in two minutes. They are tried '
                "again; decisions wait in Kafka."
            ),
        ),
        AlertRule(
            name="DisclosureLedgerDiskFilling",
            expr="min(disclosure_ledger_disk_free_bytes / disclosure_ledger_disk_size_bytes) < 0.1",
            for_s=300,
            severity=Severity.TICKET,
            summary="The disk of the ledger is nearly full.",
            description="{{ $value | humanizePercentage }} of the ledger's disk is free.",
        ),
        AlertRule(
            name="DisclosureLedgerCommitSlow",
            expr="disclosures:disclosure_recorder_commit_seconds:p99_5m > 5",
            for_s=600,
            severity=Severity.TICKET,
            summary="The ledger takes long to write.",
            description="99 % of commits take up to {{ $value | humanizeDuration }}.",
        ),
    ),
)
