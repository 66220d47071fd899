"""SDK and outbox: do applications hand over what they must?"""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from disclosure_dashboards.panels import Limit, Query, board, graph

APPLICATIONS: Dashboard = board(
    "disclosures-sdk",
    "Disclosures: SDK and outbox",
    "Do applications hand over what they must, and what waits on their disks?",
    [
        (
            "Handing over",
            [
                graph(
                    "How much do applications hand over?",
                    "Events a second that producers accepted, by process and topic.",
                    "ops",
                    Query(
                        "sum by (instance, topic) (rate(disclosure_sdk_accepted_total[5m]))",
                        "{{instance}} {{topic}}",
                    ),
                    stacked=True,
                ),
                graph(
                    "What could not be handed over?",
                    "Calls in five minutes that raised and accepted nothing. Must be 0.",
                    "short",
                    Query("sum by (instance) (increase(disclosure_sdk_rejected_total[5m]))", "{{instance}}"),
                    limit=Limit(bad=0.5),
                ),
                graph(
                    "How much waits in memory?",
                    "Events accepted and neither acknowledged nor stored; lost if the process is killed now.",
                    "short",
                    Query(
                        "sum by (instance, topic) (disclosure_sdk_waiting_events)", "{{instance}} {{topic}}"
                    ),
                ),
            ],
        ),
        (
            "Outbox",
            [
                graph(
                    "How much waits on disk?",
                    "Events in outboxes that the broker has not acknowledged.",
                    "short",
                    Query(
                        "sum by (instance, topic) (disclosure_sdk_outbox_events)", "{{instance}} {{topic}}"
                    ),
                    limit=Limit(warn=0.5),
                ),
                graph(
                    "How old is the oldest of them?",
                    "Age of the oldest event in the outbox; 0 for an empty one.",
                    "s",
                    Query("max by (instance) (disclosure_sdk_outbox_oldest_seconds)", "{{instance}}"),
                    limit=Limit(warn=60, bad=900),
                ),
                graph(
                    "What cannot be delivered at all?",
                    "Stored events the broker refused for good, and outbox files that cannot be read.",
                    "short",
                    Query("sum by (instance) (disclosure_sdk_outbox_refused_events)", "{{instance}} refused"),
                    Query("sum by (instance) (disclosure_sdk_outbox_damaged)", "{{instance}} damaged"),
                    limit=Limit(bad=0.5),
                ),
            ],
        ),
    ],
)
