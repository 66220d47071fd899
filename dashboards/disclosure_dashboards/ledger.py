"""Ledger: does the recorder keep up, is there room, does it add up?"""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from disclosure_dashboards.panels import Limit, Query, board, figure, graph, quantiles

LEDGER: Dashboard = board(
    "disclosures-ledger",
    "Disclosures: ledger",
    "Does the recorder keep up, is there room, does it add up?",
    [
        (
            "Does it keep up?",
            [
                graph(
                    "How far is the ledger behind?",
                    "Age of the newest recorded decision while newer ones wait; 0 when none waits.",
                    "s",
                    Query("max(disclosure_recorder_lag_seconds)", "behind"),
                    limit=Limit(warn=60),
                ),
                graph(
                    "How much waits on Kafka?",
                    "Offsets that the ledger has not passed, by topic; markers of transactions count.",
                    "short",
                    Query("sum by (topic) (disclosure_recorder_lag_events)", "{{topic}}"),
                ),
                graph(
                    "How much is recorded?",
                    "Records a second by topic, repeats included.",
                    "ops",
                    Query("sum by (topic) (rate(disclosure_recorder_recorded_total[5m]))", "{{topic}}"),
                    stacked=True,
                ),
                graph(
                    "How long does a batch take to be written?",
                    "Time to put one batch into the ledger, to the end of its transaction.",
                    "s",
                    *quantiles("disclosure_recorder_commit_seconds"),
                ),
                graph(
                    "How large are batches?",
                    "Records of one batch.",
                    "short",
                    *quantiles("disclosure_recorder_batch_records"),
                ),
                graph(
                    "How long does recording wait for upkeep?",
                    "Mean time of commits that moved the log into the file, and of sealing and merging "
                    "segments; no line where none happened.",
                    "s",
                    Query(
                        "sum(rate(disclosure_ledger_checkpoint_seconds_sum[1h]))"
                        " / (sum(rate(disclosure_ledger_checkpoint_seconds_count[1h])) > 0) or vector(0)",
                        "checkpoint",
                    ),
                    Query(
                        "sum(rate(disclosure_ledger_seal_seconds_sum[1h]))"
                        " / (sum(rate(disclosure_ledger_seal_seconds_count[1h])) > 0) or vector(0)",
                        "seal, merge",
                    ),
                ),
                figure(
                    "Topics the broker does not have",
                    "While one is missing nothing is recorded. Must be 0.",
                    "short",
                    Query("sum(disclosure_recorder_missing_topics)", "topics"),
                    limit=Limit(bad=0.5),
                ),
            ],
        ),
        (
            "Is there room?",
            [
                figure(
                    "Free part of the ledger's disk",
                    "Below a tenth somebody must act; at zero the recorder waits, and nothing is lost.",
                    "percentunit",
                    Query(
                        "min(disclosure_ledger_disk_free_bytes / disclosure_ledger_disk_size_bytes)", "free"
                    ),
                ),
                figure(
                    "Batches that could not be written, last 24 hours",
                    "They are taken from Kafka again. Must be 0.",
                    "short",
                    Query("sum(increase(disclosure_recorder_write_failures_total[24h]))", "batches"),
                    limit=Limit(bad=0.5),
                ),
                graph(
                    "How large is the ledger?",
                    "Bytes of the hot file with its log, and of sealed segments.",
                    "bytes",
                    Query("sum by (part) (disclosure_ledger_file_bytes)", "{{part}}"),
                    stacked=True,
                ),
                graph(
                    "How many decisions does it hold?",
                    "Rows in the hot file and in sealed segments.",
                    "short",
                    Query("sum by (part) (disclosure_ledger_rows)", "{{part}}"),
                    stacked=True,
                ),
            ],
        ),
        (
            "Does it add up?",
            [
                graph(
                    "Do requests and decisions add up?",
                    "Records that break the equation, and those that were on their way, at the last audit.",
                    "short",
                    Query("max(disclosure_audit_imbalance)", "imbalance"),
                    Query("max(disclosure_audit_waiting)", "on their way"),
                ),
                graph(
                    "What arrives again, or cannot be read?",
                    "Decisions in five minutes whose event id was there before, and records nobody can read. "
                    "A repeat of different content is a collision of ids.",
                    "short",
                    Query(
                        "sum by (content) (increase(disclosure_recorder_repeats_total[5m]))",
                        "{{content}} content",
                    ),
                    Query("sum(increase(disclosure_recorder_unreadable_total[5m]))", "unreadable"),
                ),
            ],
        ),
    ],
)
