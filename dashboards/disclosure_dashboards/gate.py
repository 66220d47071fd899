"""Gate: how quickly, how fresh, how far behind."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from disclosure_dashboards.panels import Limit, Query, board, graph, quantiles

GATE: Dashboard = board(
    "disclosures-gate",
    "Disclosures: gate",
    "Do gates decide in time, and by what people asked for last?",
    [
        (
            "Decisions",
            [
                graph(
                    "How long from request to decision?",
                    "From a request's acknowledgement by the broker to its committed decision.",
                    "s",
                    *quantiles("disclosure_gate_decision_seconds"),
                ),
                graph(
                    "How many decisions does each gate make?",
                    "Decisions a second, by gate.",
                    "ops",
                    Query("sum by (instance) (rate(disclosure_gate_decisions_total[5m]))", "{{instance}}"),
                    stacked=True,
                ),
                graph(
                    "How many requests wait?",
                    "Requests on the broker that gates have not taken, by partition.",
                    "short",
                    Query("sum by (partition) (disclosure_gate_lag_events)", "partition {{partition}}"),
                    stacked=True,
                ),
                graph(
                    "For how long have requests waited?",
                    "Age of the newest request taken while others wait behind it; 0 when none waits.",
                    "s",
                    Query("max by (instance) (disclosure_gate_lag_seconds)", "{{instance}}"),
                    limit=Limit(warn=10),
                ),
            ],
        ),
        (
            "Preferences",
            [
                graph(
                    "How long until an opt-out is obeyed?",
                    "From a preference's acknowledgement by the broker until a gate decides by it.",
                    "s",
                    *quantiles("disclosure_gate_propagation_seconds"),
                ),
                graph(
                    "How long do gates wait for the newest preferences?",
                    "Wait of the read barrier before each batch; at five seconds a gate fails closed.",
                    "s",
                    *quantiles("disclosure_gate_barrier_seconds"),
                    limit=Limit(warn=1, bad=5),
                ),
                graph(
                    "How old is what gates know?",
                    "Since the preference state was last known to be complete, by gate.",
                    "s",
                    Query("max by (instance) (disclosure_gate_state_age_seconds)", "{{instance}}"),
                    limit=Limit(warn=10, bad=30),
                ),
                graph(
                    "What was known after each read barrier?",
                    "Batches a second by what the gate knew; all but current stop sale and sharing.",
                    "ops",
                    Query("sum by (state) (rate(disclosure_gate_barriers_total[5m]))", "{{state}}"),
                    stacked=True,
                ),
                graph(
                    "Of how many people is something known?",
                    "Subjects of whom anything was said, by gate; all gates know the same.",
                    "short",
                    Query("max by (instance) (disclosure_gate_state_subjects)", "{{instance}}"),
                ),
                graph(
                    "How long does a start take?",
                    "Time the last start took to have the preference state, by gate.",
                    "s",
                    Query("max by (instance) (disclosure_gate_state_restore_seconds)", "{{instance}}"),
                ),
            ],
        ),
        (
            "What goes wrong",
            [
                graph(
                    "Do transactions go through?",
                    "Kafka transactions a second by result; what was aborted is taken again.",
                    "ops",
                    Query("sum by (result) (rate(disclosure_gate_transactions_total[5m]))", "{{result}}"),
                    stacked=True,
                ),
                graph(
                    "Why are requests put aside?",
                    "Dead letters in five minutes, by cause.",
                    "short",
                    Query("sum by (cause) (increase(disclosure_gate_dead_letters_total[5m]))", "{{cause}}"),
                    stacked=True,
                ),
                graph(
                    "Are clocks of applications ahead?",
                    "Requests in five minutes that say they were made after the broker took them.",
                    "short",
                    Query("sum(increase(disclosure_gate_clock_ahead_total[5m]))", "requests"),
                ),
                graph(
                    "Are registry and control topics readable?",
                    "1 while the registry on disk does not load; control records in five minutes that could "
                    "not be read.",
                    "short",
                    Query("max(disclosure_gate_registry_broken)", "registry broken"),
                    Query(
                        "sum(increase(disclosure_gate_unread_control_records_total[5m]))", "unread records"
                    ),
                    limit=Limit(bad=0.5),
                ),
            ],
        ),
    ],
)
