"""Metrics of a gate."""

from disclosure_schemas.events.vocabulary import DeadLetterCause, Kind, Mode, Outcome, PreferenceState
from disclosure_schemas.metrics.metric import (
    LATENCY_BUCKETS_S,
    WAIT_BUCKETS_S,
    Label,
    Metric,
    MetricType,
    Process,
)

_REASON = Label(name="reason", bound="reasons of the scenario format, some 75")
_CATEGORY = Label(
    name="recipient_category",
    bound="recipient_categories of taxonomy.yaml, and `none` for unknown recipients",
)

DECISIONS = Metric(
    name="disclosure_gate_decisions_total",
    type=MetricType.COUNTER,
    process=Process.GATE,
    help="Decisions written in committed transactions.",
    labels=(
        Label(name="mode", bound="Mode", values=tuple(Mode)),
        Label(name="outcome", bound="Outcome", values=tuple(Outcome)),
        _REASON,
        Label(name="kind", bound="Kind", values=tuple(Kind)),
        _CATEGORY,
    ),
)
VIOLATIONS = Metric(
    name="disclosure_gate_violations_total",
    type=MetricType.COUNTER,
    process=Process.GATE,
    help="Reports of disclosures that should not have been made; every reason begins at 0.",
    labels=(_REASON,),
)
DEAD_LETTERS = Metric(
    name="disclosure_gate_dead_letters_total",
    type=MetricType.COUNTER,
    process=Process.GATE,
    help="Requests that could not be read and were put aside; every cause begins at 0.",
    labels=(Label(name="cause", bound="DeadLetterCause", values=tuple(DeadLetterCause)),),
)
DECISION_SECONDS = Metric(
    name="disclosure_gate_decision_seconds",
    type=MetricType.HISTOGRAM,
    process=Process.GATE,
    help="From a request's acknowledgement by the broker to its committed decision; of a large batch a part "
    "is looked at and counts for all.",
    buckets=LATENCY_BUCKETS_S,
)
CLOCK_AHEAD = Metric(
    name="disclosure_gate_clock_ahead_total",
    type=MetricType.COUNTER,
    process=Process.GATE,
    help="Requests looked at whose emitted_at lies over 5 s after the broker took them: some "
    "application's clock is ahead.",
)
PROPAGATION_SECONDS = Metric(
    name="disclosure_gate_propagation_seconds",
    type=MetricType.HISTOGRAM,
    process=Process.GATE,
    help="From a preference's or link's acknowledgement by the broker until this gate decides by it.",
    buckets=LATENCY_BUCKETS_S,
)
BARRIER_SECONDS = Metric(
    name="disclosure_gate_barrier_seconds",
    type=MetricType.HISTOGRAM,
    process=Process.GATE,
    help="Wait of the read barrier before a batch is decided (G1).",
    buckets=WAIT_BUCKETS_S,
)
BARRIERS = Metric(
    name="disclosure_gate_barriers_total",
    type=MetricType.COUNTER,
    process=Process.GATE,
    help="Read barriers by what was known after them; stale and unavailable fail closed (G4).",
    labels=(Label(name="state", bound="PreferenceState", values=tuple(PreferenceState)),),
)
STATE_AGE_SECONDS = Metric(
    name="disclosure_gate_state_age_seconds",
    type=MetricType.GAUGE,
    process=Process.GATE,
    help="Since the preference state was last known to be complete; looked at every few seconds when idle.",
)
STATE_SUBJECTS = Metric(
    name="disclosure_gate_state_subjects",
    type=MetricType.GAUGE,
    process=Process.GATE,
    help="Subjects of whom anything was said.",
)
STATE_RESTORE_SECONDS = Metric(
    name="disclosure_gate_state_restore_seconds",
    type=MetricType.GAUGE,
    process=Process.GATE,
    help="How long the last start took to have the preference state.",
)
UNREAD_CONTROL_RECORDS = Metric(
    name="disclosure_gate_unread_control_records_total",
    type=MetricType.COUNTER,
    process=Process.GATE,
    help="Records of the control topics that could not be read; their subjects are protected (G4).",
)
LAG_EVENTS = Metric(
    name="disclosure_gate_lag_events",
    type=MetricType.GAUGE,
    process=Process.GATE,
    help="Requests on the broker that this gate has not taken, of the partitions it has.",
    labels=(Label(name="partition", bound="partitions of disclosures.requested"),),
)
LAG_SECONDS = Metric(
    name="disclosure_gate_lag_seconds",
    type=MetricType.GAUGE,
    process=Process.GATE,
    help="Age of the newest request taken while older ones wait behind it; 0 when none waits.",
)
TRANSACTIONS = Metric(
    name="disclosure_gate_transactions_total",
    type=MetricType.COUNTER,
    process=Process.GATE,
    help="Kafka transactions by result; what was aborted is taken again (G2).",
    labels=(Label(name="result", bound="three results", values=("committed", "aborted", "fenced")),),
)
CONTRACTS_EXPIRING = Metric(
    name="disclosure_gate_contracts_expiring",
    type=MetricType.GAUGE,
    process=Process.GATE,
    help="Contracts in force that end within so many days and have no successor of their type.",
    labels=(Label(name="within_days", bound="three horizons", values=("7", "30", "90")),),
)
REGISTRY_BROKEN = Metric(
    name="disclosure_gate_registry_broken",
    type=MetricType.GAUGE,
    process=Process.GATE,
    help="1 while the files of the registry do not load and the last good one stays in force.",
)

GATE_METRICS = (
    DECISIONS,
    VIOLATIONS,
    DEAD_LETTERS,
    DECISION_SECONDS,
    CLOCK_AHEAD,
    PROPAGATION_SECONDS,
    BARRIER_SECONDS,
    BARRIERS,
    STATE_AGE_SECONDS,
    STATE_SUBJECTS,
    STATE_RESTORE_SECONDS,
    UNREAD_CONTROL_RECORDS,
    LAG_EVENTS,
    LAG_SECONDS,
    TRANSACTIONS,
    CONTRACTS_EXPIRING,
    REGISTRY_BROKEN,
)
