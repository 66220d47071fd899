"""`disclosures topics create|describe|asyncapi`."""

from typing import TYPE_CHECKING

from cyclopts import App

from disclosure_ledger.cli.failures import CHECK_FAILED
from disclosure_ledger.cli.output import JsonFlag, print_json, print_table, warn

if TYPE_CHECKING:
    from disclosure_consumers.kafka.topic_admin import TopicAdmin, TopicState

topics = App(name="topics", help="Create the Kafka topics, or compare them with the broker's.")


@topics.command
def create(*, as_json: JsonFlag = False) -> None:
    """Create the topics that are missing; one that exists is never changed.

    Names, partitions and retention come from one table in the program; DISCLOSURE_TOPICS_REPLICATION_FACTOR
    and DISCLOSURE_TOPICS_CONFIG say what is different on this broker. Run it as often as you like.
    """
    admin = _admin()
    created = admin.create()
    differing = [state for state in admin.describe() if state.differences]
    if as_json:
        print_json(
            {
                "topics": [{"name": topic.name, "result": topic.result} for topic in created],
                "differing": [state.name for state in differing],
            }
        )
    else:
        print_table(("Topic", "Result"), [(topic.name, topic.result.replace("_", " ")) for topic in created])
        for state in differing:
            warn(f"{state.name} is not as the table says and was left so: {_state_text(state)}")


@topics.command
def describe(*, as_json: JsonFlag = False) -> int:
    """Compare the broker's topics with the table; exit code 1 if one is missing or differs."""
    states = _admin().describe()
    if as_json:
        print_json([_plain(state) for state in states])
    else:
        print_table(
            ("Topic", "Partitions", "Replicas", "Kept", "Written by", "Read by", "On the broker"),
            [
                (
                    state.name,
                    state.topic.partitions,
                    state.replicas,
                    _kept(state.topic.retention_ms),
                    ", ".join(state.topic.writers),
                    ", ".join(state.topic.readers),
                    _state_text(state),
                )
                for state in states
            ],
        )
    return 0 if all(state.exists and not state.differences for state in states) else CHECK_FAILED


@topics.command
def asyncapi(*, as_json: JsonFlag = False) -> None:
    """Describe the topics as an AsyncAPI 3 document: channels, operations, messages with their Avro schemas.

    Example: `disclosures topics asyncapi --json > asyncapi.json`. It needs no broker.
    """
    from importlib.metadata import version  # noqa: PLC0415

    from disclosure_schemas.asyncapi import asyncapi_document  # noqa: PLC0415

    document = asyncapi_document(version("disclosure-ledger"))
    if as_json:
        print_json(document)
        return
    print_table(
        ("Operation", "Topic", "What"),
        [
            (name, document["channels"][_last(operation["channel"]["$ref"])]["address"], operation["summary"])
            for name, operation in document["operations"].items()
        ],
    )
    warn("The document itself: --json")


def _last(reference: str) -> str:
    """Name at the end of a reference within the document."""
    return reference.rpartition("/")[2]


def _admin() -> "TopicAdmin":
    from disclosure_consumers.kafka.topic_admin import TopicAdmin  # noqa: PLC0415 - loads Kafka
    from disclosure_producers.settings import KafkaSettings  # noqa: PLC0415

    return TopicAdmin(KafkaSettings())


def _plain(state: "TopicState") -> dict[str, object]:
    return {
        "name": state.name,
        "record": state.topic.record,
        "purpose": state.topic.purpose,
        "partitions": state.topic.partitions,
        "retention_ms": state.topic.retention_ms,
        "max_message_bytes": state.topic.max_message_bytes,
        "writers": state.topic.writers,
        "readers": state.topic.readers,
        "exists": state.exists,
        "replicas": state.replicas,
        "differences": [
            {"setting": entry.setting, "expected": entry.expected, "got": entry.got}
            for entry in state.differences
        ],
    }


def _kept(retention_ms: int) -> str:
    return "for ever" if retention_ms < 0 else f"{retention_ms // 86_400_000} days"


def _state_text(state: "TopicState") -> str:
    if not state.exists:
        return "missing: run disclosures topics create"
    if not state.differences:
        return "as it should be"
    return "; ".join(f"{entry.setting} is {entry.got}, not {entry.expected}" for entry in state.differences)
