"""Kafka as our processes see it: what they wrote, what waits, what was refused."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from disclosure_dashboards.panels import Limit, Query, board, graph, quantiles

KAFKA: Dashboard = board(
    "disclosures-kafka",
    "Disclosures: Kafka",
    "Kafka as our processes see it: what flows, what waits, what is refused.",
    [
        (
            "Flow",
            [
                graph(
                    "What flows through the topics?",
                    "Records a second: accepted by applications, decided by gates, recorded.",
                    "ops",
                    Query("sum(rate(disclosure_sdk_accepted_total[5m]))", "accepted by the SDK"),
                    Query(
                        "sum(rate(disclosure_gate_decisions_total[5m]))"
                        " + sum(rate(disclosure_gate_dead_letters_total[5m]))",
                        "decided or put aside",
                    ),
                    Query("sum(rate(disclosure_recorder_recorded_total[5m]))", "recorded"),
                ),
                graph(
                    "What waits on each topic?",
                    "Records of disclosures.requested for a gate, and of the other topics for the recorder.",
                    "short",
                    Query("sum(disclosure_gate_lag_events)", "disclosures.requested"),
                    Query("sum by (topic) (disclosure_recorder_lag_events)", "{{topic}}"),
                ),
            ],
        ),
        (
            "Transactions and acknowledgements",
            [
                graph(
                    "Do transactions go through?",
                    "Part of the gates' transactions that did not commit.",
                    "percentunit",
                    Query(
                        'sum(rate(disclosure_gate_transactions_total{result!="committed"}[5m]))'
                        " / (sum(rate(disclosure_gate_transactions_total[5m])) > 0)",
                        "not committed",
                    ),
                    limit=Limit(warn=0.01, bad=0.1),
                ),
                graph(
                    "How long does the broker take to tell its ends?",
                    "Wait of the read barrier: one question to the broker, and reading what is new.",
                    "s",
                    *quantiles("disclosure_gate_barrier_seconds"),
                ),
                graph(
                    "What does the broker not acknowledge?",
                    "Events of applications in memory and on disk.",
                    "short",
                    Query("sum by (topic) (disclosure_sdk_waiting_events)", "{{topic}} in memory"),
                    Query("sum by (topic) (disclosure_sdk_outbox_events)", "{{topic}} on disk"),
                ),
                graph(
                    "Which partitions are behind?",
                    "Requests that wait, by partition; one alone hints at a gate without a partition's turn.",
                    "short",
                    Query("sum by (partition) (disclosure_gate_lag_events)", "partition {{partition}}"),
                ),
            ],
        ),
    ],
)
