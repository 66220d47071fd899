"""Metrics of the SDK, in the process of an application."""

from disclosure_schemas.metrics.metric import Label, Metric, MetricType, Process
from disclosure_schemas.topics import IDENTITIES, PREFERENCES, REQUESTED

_TOPIC = Label(
    name="topic",
    bound="topics that applications write",
    values=tuple(topic.name for topic in (REQUESTED, PREFERENCES, IDENTITIES)),
)

ACCEPTED = Metric(
    name="disclosure_sdk_accepted_total",
    type=MetricType.COUNTER,
    process=Process.APPLICATION,
    help="Events that producers of this process have accepted.",
    labels=(_TOPIC,),
)
REJECTED = Metric(
    name="disclosure_sdk_rejected_total",
    type=MetricType.COUNTER,
    process=Process.APPLICATION,
    help="Calls that raised and accepted nothing: no room in time, outbox full, or refused by the client.",
    labels=(_TOPIC,),
)
WAITING_EVENTS = Metric(
    name="disclosure_sdk_waiting_events",
    type=MetricType.GAUGE,
    process=Process.APPLICATION,
    help="Events accepted and neither acknowledged nor stored yet.",
    labels=(_TOPIC,),
)
OUTBOX_EVENTS = Metric(
    name="disclosure_sdk_outbox_events",
    type=MetricType.GAUGE,
    process=Process.APPLICATION,
    help="Events on disk that the broker has not acknowledged.",
    labels=(_TOPIC,),
)
OUTBOX_OLDEST_SECONDS = Metric(
    name="disclosure_sdk_outbox_oldest_seconds",
    type=MetricType.GAUGE,
    process=Process.APPLICATION,
    help="Age of the oldest event in the outbox; 0 for an empty one.",
    labels=(_TOPIC,),
)
OUTBOX_REFUSED_EVENTS = Metric(
    name="disclosure_sdk_outbox_refused_events",
    type=MetricType.GAUGE,
    process=Process.APPLICATION,
    help="Stored events that the broker refused for good and that were set aside.",
    labels=(_TOPIC,),
)
OUTBOX_DAMAGED = Metric(
    name="disclosure_sdk_outbox_damaged",
    type=MetricType.GAUGE,
    process=Process.APPLICATION,
    help="Outbox files of earlier runs that cannot be read.",
    labels=(_TOPIC,),
)

APPLICATION_METRICS = (
    ACCEPTED,
    REJECTED,
    WAITING_EVENTS,
    OUTBOX_EVENTS,
    OUTBOX_OLDEST_SECONDS,
    OUTBOX_REFUSED_EVENTS,
    OUTBOX_DAMAGED,
)
