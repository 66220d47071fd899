"""A gate process: settings to running loop."""

import socket
import time
import uuid
from collections.abc import Callable
from functools import partial

import structlog

from disclosure_consumers.codecs import event_codec
from disclosure_consumers.control_tables import ControlTables
from disclosure_consumers.core.registry import Policy, Registry
from disclosure_consumers.core.subject.subjects import Subjects
from disclosure_consumers.deciding import Codecs, Decider
from disclosure_consumers.gate import Gate, StepReport
from disclosure_consumers.gate_meter import GateMeter
from disclosure_consumers.kafka.control_log import KafkaControlLog
from disclosure_consumers.kafka.stream import KafkaSink, KafkaSource
from disclosure_consumers.kafka.topic_admin import TopicAdmin
from disclosure_consumers.registry_files import example_registry
from disclosure_consumers.registry_watch import RegistryWatch
from disclosure_consumers.settings import GateSettings
from disclosure_consumers.state.kept_states import KeptStates
from disclosure_consumers.wall_clock import wall_clock_us
from disclosure_consumers.watchdog import Watchdog
from disclosure_producers.settings import KafkaSettings, RegistrySettings
from disclosure_schemas.errors import DisclosureError
from disclosure_schemas.events.dead_letter import DeadLetter
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.topics import DEAD_LETTER, DECIDED, IDENTITIES, PREFERENCES, REQUESTED

_log = structlog.get_logger(__name__)


class GroupFullError(DisclosureError):
    """The broker cannot serve another member of the group."""


def run_gate(
    kafka: KafkaSettings,
    settings: GateSettings,
    schema_registry: RegistrySettings,
    *,
    should_stop: Callable[[], bool],
    on_step: Callable[[StepReport], None] | None = None,
    on_ready: Callable[[], None] | None = None,
    meter: GateMeter | None = None,
) -> None:
    """Run one gate until told to stop; raises FencedError when another took its place.

    A loop that stands still for too long ends the process.
    """
    meter = meter or GateMeter()
    watch = RegistryWatch(settings.registry or example_registry())
    registry = watch.registry
    instance = settings.instance or f"{socket.gethostname()}-{uuid.uuid4().hex[:12]}"
    control = _control_tables(kafka, settings, schema_registry, registry.policy, meter)
    require_room(kafka, settings, instance)
    kept = len(control.subjects)
    restored = control.restore(should_stop)
    _log.info(
        "preference state restored", records=restored, subjects=len(control.subjects), kept_subjects=kept
    )
    with Watchdog(settings.stuck_after_s) as watchdog:
        should_stop = watchdog.seen_by(should_stop)
        topic = kafka.topic(REQUESTED)
        source = KafkaSource(kafka, settings, topic, instance)
        sink = KafkaSink(kafka, settings, source, topic, instance, should_stop=should_stop)
        gate = Gate(
            source,
            sink,
            control,
            _decider(kafka, settings, schema_registry, registry),
            batch_events=settings.batch_events,
            barrier_timeout_s=settings.barrier_timeout_ms / 1000,
            new_registry=lambda: watch.poll(time.monotonic()),
            meter=meter,
        )
        watch_state(meter, control, watch)
        _log.info("gate running", instance=instance, registry_hash=registry.content_hash.hex())
        if on_ready is not None:
            on_ready()
        gate.run(should_stop, on_step)


def _control_tables(
    kafka: KafkaSettings, settings: GateSettings, schemas: RegistrySettings, policy: Policy, meter: GateMeter
) -> ControlTables:
    codec = partial(event_codec, settings=schemas)
    preferences, identities = kafka.topic(PREFERENCES), kafka.topic(IDENTITIES)
    store = None if settings.state is None else KeptStates(settings.state)
    return ControlTables(
        KafkaControlLog(kafka, [preferences, identities], settings.group),
        preferences_topic=preferences,
        identities_topic=identities,
        preferences=codec(PreferenceRecorded, topic=preferences),
        identities=codec(IdentityLinked, topic=identities),
        subjects=Subjects(policy, store),
        store=store,
        meter=meter,
    )


def _decider(
    kafka: KafkaSettings, settings: GateSettings, schemas: RegistrySettings, registry: Registry
) -> Decider:
    codec = partial(event_codec, settings=schemas)
    decided, dead_letter = kafka.topic(DECIDED), kafka.topic(DEAD_LETTER)
    return Decider(
        registry,
        Codecs(
            requested=codec(DisclosureRequested, topic=kafka.topic(REQUESTED)),
            decided=codec(DisclosureDecided, topic=decided),
            dead_letter=codec(DeadLetter, topic=dead_letter),
        ),
        decided_topic=decided,
        dead_letter_topic=dead_letter,
        group=settings.group,
        permit_ttl_s=settings.permit_ttl_s,
    )


def watch_state(meter: GateMeter, control: ControlTables, watch: RegistryWatch) -> None:
    """Have the gauges of a gate's preference state and registry."""
    meter.watch(
        state_age_s=lambda: control.age_s,
        subjects=lambda: len(control.subjects),
        registry=lambda: watch.registry,
        is_registry_broken=lambda: watch.broken is not None,
        now_us=wall_clock_us,
    )


def require_room(kafka: KafkaSettings, settings: GateSettings, instance: str) -> None:
    """Refuse to be one member too many: a broker that serves one would leave partitions undecided."""
    most = kafka.max_group_members
    if most is None:
        return
    others = TopicAdmin(kafka).other_members(settings.group, instance)
    if len(others) >= most:
        raise GroupFullError(
            f"the broker serves {most} member(s) of a group, and the group {settings.group} has "
            f"{', '.join(others)}. Stop that gate first, or use Apache Kafka for more than one."
        )
