"""Overview: is anybody's choice being violated, is anything lost?"""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from disclosure_dashboards.panels import Limit, Query, board, figure, graph, rows

OVERVIEW: Dashboard = board(
    "disclosures-overview",
    "Disclosures: overview",
    "Is anybody's choice being violated? Is anything lost? Does everything run?",
    [
        (
            "Is anybody's choice being violated?",
            [
                figure(
                    "Disclosures against a choice, last 24 hours",
                    "Reports of disclosures that should not have been made. Must be 0.",
                    "short",
                    Query("sum(increase(disclosure_gate_violations_total[24h]))", "violations"),
                    limit=Limit(bad=0.5),
                ),
                figure(
                    "How long until an opt-out is obeyed?",
                    "99 % of preferences bind within this time of their acknowledgement. It is the age that "
                    "a batch finds them at; no request is decided without those acknowledged before it.",
                    "s",
                    Query("disclosures:disclosure_gate_propagation_seconds:p99_5m", "p99"),
                    limit=Limit(warn=5, bad=60),
                ),
                figure(
                    "How old is what gates know of preferences?",
                    "Since the preference state was last known to be complete, of the gate that is worst.",
                    "s",
                    Query("max(disclosure_gate_state_age_seconds)", "age"),
                    limit=Limit(warn=10, bad=30),
                ),
                figure(
                    "Batches decided without the newest preferences, last 24 hours",
                    "They stop sale, sharing and sensitive data (fail closed). Must be 0.",
                    "short",
                    Query('sum(increase(disclosure_gate_barriers_total{state!="current"}[24h]))', "batches"),
                    limit=Limit(bad=0.5),
                ),
            ],
        ),
        (
            "Is anything lost?",
            [
                figure(
                    "By how much do requests and decisions not add up?",
                    "Records that break requested = decided + dead-lettered, at the last audit. Must be 0.",
                    "short",
                    Query("max(disclosure_audit_imbalance)", "records"),
                    limit=Limit(bad=0.5),
                ),
                figure(
                    "How old is the last audit?",
                    "Since the last audit that came to an end.",
                    "s",
                    Query("max(disclosure_audit_age_seconds)", "age"),
                    limit=Limit(warn=600, bad=3600),
                ),
                figure(
                    "Dead letters, last 24 hours",
                    "Requests that could not be read and were put aside, each with its cause.",
                    "short",
                    Query("sum(increase(disclosure_gate_dead_letters_total[24h]))", "dead letters"),
                    limit=Limit(warn=0.5),
                ),
                figure(
                    "Numbers missing in what applications sent",
                    "Sequence numbers that producers gave out and no decision has.",
                    "short",
                    Query("max(disclosure_ledger_sequence_gaps)", "gaps"),
                    limit=Limit(warn=0.5),
                ),
            ],
        ),
        (
            "Does everything run?",
            [
                rows(
                    "Which processes answer?",
                    "1: Prometheus gets an answer. 0: it does not.",
                    "short",
                    Query("min by (job, instance) (up)", "{{job}}"),
                ),
                rows(
                    "Which versions run?",
                    "Version of the product and of the rules, by process.",
                    "short",
                    Query("count by (job, version, rule_version) (disclosure_build_info)", "{{job}}"),
                ),
                graph(
                    "What is decided?",
                    "Decisions a second by outcome.",
                    "ops",
                    Query("outcome:disclosure_gate_decisions:rate5m", "{{outcome}}"),
                    stacked=True,
                ),
                graph(
                    "Which alerts fire?",
                    "Alerts that fire, by name; the runbook of each is in dashboards/runbooks.",
                    "short",
                    Query('count by (alertname) (ALERTS{alertstate="firing"})', "{{alertname}}"),
                    stacked=True,
                ),
            ],
        ),
    ],
)
