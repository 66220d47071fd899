"""A replay's look at the log of a broker."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from disclosure_consumers.codecs import event_codec
from disclosure_consumers.kafka.topic_range import KafkaTopics
from disclosure_consumers.replay.control_records import ControlCodecs
from disclosure_consumers.replay.reading import Progress
from disclosure_consumers.replay.session import Session
from disclosure_consumers.replay.topic_log import TopicNames
from disclosure_producers.settings import KafkaSettings, RegistrySettings
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.topics import DECIDED, IDENTITIES, PREFERENCES


@contextmanager
def kafka_session(
    kafka: KafkaSettings, schemas: RegistrySettings, *, progress: Progress = lambda _: None
) -> Iterator[Session]:
    """Open a session on a broker; raises BrokerUnreachableError when it is read."""
    names = TopicNames(kafka.topic(DECIDED), kafka.topic(PREFERENCES), kafka.topic(IDENTITIES))
    codec = partial(event_codec, settings=schemas)
    control = ControlCodecs(
        codec(PreferenceRecorded, topic=names.preferences), codec(IdentityLinked, topic=names.identities)
    )
    decided = codec(DisclosureDecided, topic=names.decided)
    with KafkaTopics(kafka) as topics:
        yield Session(topics, names, decided, control, progress=progress)
