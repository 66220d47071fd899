"""Privacy operations: to whom, what was stopped and why, what has a date."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from disclosure_dashboards.panels import Limit, Query, board, figure, graph, rows

PRIVACY: Dashboard = board(
    "disclosures-privacy",
    "Disclosures: privacy operations",
    "To whom goes how much, what is stopped and why, and what has a date?",
    [
        (
            "To whom",
            [
                graph(
                    "To whom is how much permitted?",
                    "Permitted disclosures a second, by category of recipient.",
                    "ops",
                    Query(
                        'recipient_category:disclosure_gate_decisions:rate5m{outcome="permit"}',
                        "{{recipient_category}}",
                    ),
                    stacked=True,
                ),
                graph(
                    "What are they in law?",
                    "Decisions a second by kind: sale, sharing, business purpose and so on.",
                    "ops",
                    Query("sum by (kind) (rate(disclosure_gate_decisions_total[5m]))", "{{kind}}"),
                    stacked=True,
                ),
                rows(
                    "Decisions of the last 24 hours",
                    "By category of recipient and outcome.",
                    "short",
                    Query(
                        "sum by (recipient_category, outcome) "
                        "(increase(disclosure_gate_decisions_total[24h]))",
                        "{{recipient_category}}",
                    ),
                ),
                graph(
                    "Do applications ask before or tell afterwards?",
                    "Decisions a second by mode: request is asked before, report is told afterwards.",
                    "ops",
                    Query("sum by (mode) (rate(disclosure_gate_decisions_total[5m]))", "{{mode}}"),
                    stacked=True,
                ),
            ],
        ),
        (
            "What is stopped",
            [
                graph(
                    "Why are disclosures stopped?",
                    "Decisions a second that are no permit, by reason.",
                    "ops",
                    Query("reason:disclosure_gate_blocked:rate5m > 0", "{{reason}}"),
                    stacked=True,
                ),
                graph(
                    "Which part is stopped?",
                    "Decisions that are no permit, as part of all.",
                    "percentunit",
                    Query("disclosures:disclosure_gate_blocked:ratio_rate5m", "stopped"),
                ),
                rows(
                    "Disclosed against a choice, last 24 hours",
                    "Disclosures that should not have been made, by reason. Counsel sees each.",
                    "short",
                    Query(
                        "sum by (reason) (increase(disclosure_gate_violations_total[24h])) > 0", "{{reason}}"
                    ),
                ),
                graph(
                    "How many preferences arrive?",
                    "Preferences and links of identities recorded a second.",
                    "ops",
                    Query(
                        'sum by (topic) (rate(disclosure_recorder_recorded_total{topic=~"privacy.*"}[5m]))',
                        "{{topic}}",
                    ),
                ),
            ],
        ),
        (
            "Who is refused",
            [
                graph(
                    "Whom does the API refuse?",
                    "Refused calls of API and console a minute: without a valid key or login, without "
                    "the role, too many, or a form without its token.",
                    "short",
                    Query(
                        "60 * sum by (cause) (rate(disclosure_api_denials_total[5m]))",
                        "{{cause}}",
                    ),
                    stacked=True,
                ),
            ],
        ),
        (
            "What has a date",
            [
                figure(
                    "Recipients not told in time",
                    "Notifications of opt-outs, limits and deletions that are open past their last day.",
                    "short",
                    Query("max(disclosure_worklist_overdue_items)", "recipients"),
                    limit=Limit(bad=0.5),
                    width=8,
                ),
                figure(
                    "Contracts that end within a week",
                    "In force, and without a successor of their type.",
                    "short",
                    Query('max(disclosure_gate_contracts_expiring{within_days="7"})', "contracts"),
                    limit=Limit(bad=0.5),
                    width=8,
                ),
                figure(
                    "Contracts that end within a month",
                    "In force, and without a successor of their type.",
                    "short",
                    Query('max(disclosure_gate_contracts_expiring{within_days="30"})', "contracts"),
                    limit=Limit(warn=0.5),
                    width=8,
                ),
                figure(
                    "Contracts that end within three months",
                    "In force, and without a successor of their type.",
                    "short",
                    Query('max(disclosure_gate_contracts_expiring{within_days="90"})', "contracts"),
                    width=8,
                ),
            ],
        ),
    ],
)
