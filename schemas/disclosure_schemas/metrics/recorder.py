"""Metrics of the recorder and its ledger."""

from disclosure_schemas.metrics.metric import SIZE_BUCKETS, WAIT_BUCKETS_S, Label, Metric, MetricType, Process
from disclosure_schemas.topics import TOPICS

_RECORDED = Label(
    name="topic",
    bound="topics that are recorded",
    values=tuple(topic.name for topic in TOPICS if "recorder" in topic.readers),
)

BATCH_RECORDS = Metric(
    name="disclosure_recorder_batch_records",
    type=MetricType.HISTOGRAM,
    process=Process.RECORDER,
    help="Records of one batch.",
    buckets=SIZE_BUCKETS,
)
COMMIT_SECONDS = Metric(
    name="disclosure_recorder_commit_seconds",
    type=MetricType.HISTOGRAM,
    process=Process.RECORDER,
    help="Time to put one batch into the ledger, to the end of its transaction.",
    buckets=WAIT_BUCKETS_S,
)
RECORDED = Metric(
    name="disclosure_recorder_recorded_total",
    type=MetricType.COUNTER,
    process=Process.RECORDER,
    help="Records recorded, repeats included.",
    labels=(_RECORDED,),
)
REPEATS = Metric(
    name="disclosure_recorder_repeats_total",
    type=MetricType.COUNTER,
    process=Process.RECORDER,
    help="Decisions whose event id was recorded before; a different content is a collision of ids.",
    labels=(Label(name="content", bound="two", values=("same", "different")),),
)
UNREADABLE = Metric(
    name="disclosure_recorder_unreadable_total",
    type=MetricType.COUNTER,
    process=Process.RECORDER,
    help="Records the recorder could not read; their bytes are in the table `unreadable`.",
)
WRITE_FAILURES = Metric(
    name="disclosure_recorder_write_failures_total",
    type=MetricType.COUNTER,
    process=Process.RECORDER,
    help="Batches that could not be put into the ledger; nothing of them is recorded, they are read again.",
)
RECORDER_LAG_EVENTS = Metric(
    name="disclosure_recorder_lag_events",
    type=MetricType.GAUGE,
    process=Process.RECORDER,
    help="Offsets on the broker that the ledger has not passed; markers of transactions count.",
    labels=(_RECORDED,),
)
RECORDER_LAG_SECONDS = Metric(
    name="disclosure_recorder_lag_seconds",
    type=MetricType.GAUGE,
    process=Process.RECORDER,
    help="Age of the newest recorded decision while newer ones wait; 0 when none waits.",
)
MISSING_TOPICS = Metric(
    name="disclosure_recorder_missing_topics",
    type=MetricType.GAUGE,
    process=Process.RECORDER,
    help="1 for a topic that the broker does not have; until it exists nothing is recorded.",
    labels=(_RECORDED,),
)
LEDGER_ROWS = Metric(
    name="disclosure_ledger_rows",
    type=MetricType.GAUGE,
    process=Process.RECORDER,
    help="Decisions in the ledger.",
    labels=(Label(name="part", bound="two", values=("hot", "sealed")),),
)
LEDGER_BYTES = Metric(
    name="disclosure_ledger_file_bytes",
    type=MetricType.GAUGE,
    process=Process.RECORDER,
    help="Size of the ledger's files; hot with its log.",
    labels=(Label(name="part", bound="two", values=("hot", "sealed")),),
)
DISK_FREE_BYTES = Metric(
    name="disclosure_ledger_disk_free_bytes",
    type=MetricType.GAUGE,
    process=Process.RECORDER,
    help="Room left on the ledger's disk for this user.",
)
DISK_SIZE_BYTES = Metric(
    name="disclosure_ledger_disk_size_bytes",
    type=MetricType.GAUGE,
    process=Process.RECORDER,
    help="Size of the ledger's disk.",
)
CHECKPOINT_SECONDS = Metric(
    name="disclosure_ledger_checkpoint_seconds",
    type=MetricType.HISTOGRAM,
    process=Process.RECORDER,
    help="Time of commits in which DuckDB moved its log into the file.",
    buckets=WAIT_BUCKETS_S,
)
SEAL_SECONDS = Metric(
    name="disclosure_ledger_seal_seconds",
    type=MetricType.HISTOGRAM,
    process=Process.RECORDER,
    help="Time to seal hot decisions into segments, or to merge segments; recording waits meanwhile.",
    buckets=(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0),
)
SEQUENCE_GAPS = Metric(
    name="disclosure_ledger_sequence_gaps",
    type=MetricType.GAUGE,
    process=Process.RECORDER,
    help="Numbers that producers gave out and no decision has, as of the last look.",
)
AUDIT_IMBALANCE = Metric(
    name="disclosure_audit_imbalance",
    type=MetricType.GAUGE,
    process=Process.RECORDER,
    help="Records that break requested = decided + dead-lettered or ledger rows = decisions, as of the last "
    "audit (G3); must be 0.",
)
AUDIT_WAITING = Metric(
    name="disclosure_audit_waiting",
    type=MetricType.GAUGE,
    process=Process.RECORDER,
    help="Requests that were on their way at the last audit.",
)
AUDIT_AGE_SECONDS = Metric(
    name="disclosure_audit_age_seconds",
    type=MetricType.GAUGE,
    process=Process.RECORDER,
    help="Since the last audit that came to an end.",
)
WORKLIST_OVERDUE = Metric(
    name="disclosure_worklist_overdue_items",
    type=MetricType.GAUGE,
    process=Process.RECORDER,
    help="Recipients of the worklist that were not told by the last day (11 CCR 7026(f)(2)).",
)
API_DENIALS = Metric(
    name="disclosure_api_denials_total",
    type=MetricType.COUNTER,
    process=Process.RECORDER,
    help="Calls of the HTTP API and the console that were refused, by cause; every cause begins at 0.",
    labels=(Label(name="cause", bound="four causes"),),
)

RECORDER_METRICS = (
    BATCH_RECORDS,
    COMMIT_SECONDS,
    RECORDED,
    REPEATS,
    UNREADABLE,
    WRITE_FAILURES,
    RECORDER_LAG_EVENTS,
    RECORDER_LAG_SECONDS,
    MISSING_TOPICS,
    LEDGER_ROWS,
    LEDGER_BYTES,
    DISK_FREE_BYTES,
    DISK_SIZE_BYTES,
    CHECKPOINT_SECONDS,
    SEAL_SECONDS,
    SEQUENCE_GAPS,
    AUDIT_IMBALANCE,
    AUDIT_WAITING,
    AUDIT_AGE_SECONDS,
    WORKLIST_OVERDUE,
    API_DENIALS,
)
