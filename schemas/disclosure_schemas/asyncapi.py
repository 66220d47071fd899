"""The AsyncAPI 3 document of the topics, made of their table and of the packaged schemas."""

import re
from collections.abc import Iterable
from typing import Any

from disclosure_schemas.schema_files import AvroSchema, schema, versions
from disclosure_schemas.topics import TOPICS, Topic

ASYNCAPI_VERSION = "3.0.0"
AVRO_FORMAT = "application/vnd.apache.avro+json;version=1.9.0"
CONTENT_TYPE = "avro/binary"

_DESCRIPTION = (
    "Every disclosure of personal information is an event; a gate decides it, a ledger keeps every decision. "
    "Every record is keyed by the subject key: 16 bytes of an HMAC of a normalised identifier. Values are "
    "Avro in single-object encoding (C3 01 and the CRC-64-AVRO fingerprint of the schema), or in Confluent's "
    "wire format where a schema registry is used. No event holds a value of personal information."
)


def asyncapi_document(version: str, topics: Iterable[Topic] = TOPICS) -> dict[str, Any]:
    """The document as JSON-able values; `version`: of this product. Each topic has its newest schema."""
    listed = tuple(topics)
    return {
        "asyncapi": ASYNCAPI_VERSION,
        "info": {
            "title": "disclosure-ledger: topics",
            "version": version,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {channel_name(topic): _channel(topic) for topic in listed},
        "operations": {name: operation for topic in listed for name, operation in _operations(topic).items()},
        "components": {"messages": {topic.record: _message(topic) for topic in listed}},
    }


def channel_name(topic: Topic) -> str:
    """Name of a topic's channel within the document: disclosures.requested -> disclosuresRequested."""
    first, *others = re.split(r"[.\-]", topic.name)
    return first + "".join(word.capitalize() for word in others)


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": f"{topic.purpose[:1].upper()}{topic.purpose[1:]}. "
        f"Written by: {', '.join(topic.writers)}. Read by: {', '.join(topic.readers)}.",
        "messages": {topic.record: {"$ref": f"#/components/messages/{topic.record}"}},
        "bindings": {
            "kafka": {
                "bindingVersion": "0.5.0",
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": ["delete"],
                    "retention.ms": topic.retention_ms,
                    "max.message.bytes": topic.max_message_bytes,
                },
            }
        },
    }


def _operations(topic: Topic) -> dict[str, Any]:
    """What users of the topics do: send what its writers write, receive what its readers read."""
    channel = channel_name(topic)
    made = {}
    for verb, action, who in (("send", "send", topic.writers), ("receive", "receive", topic.readers)):
        made[f"{verb}{channel[:1].upper()}{channel[1:]}"] = {
            "action": action,
            "channel": {"$ref": f"#/channels/{channel}"},
            "summary": f"{verb.capitalize()} {topic.record}: {', '.join(who)}",
            "messages": [{"$ref": f"#/channels/{channel}/messages/{topic.record}"}],
        }
    return made


def _message(topic: Topic) -> dict[str, Any]:
    payload: AvroSchema = schema(topic.record)
    return {
        "name": topic.record,
        "title": f"{topic.record}, version {versions(topic.record)[-1]}",
        "summary": payload.get("doc", topic.purpose),
        "contentType": CONTENT_TYPE,
        "bindings": {
            "kafka": {
                "bindingVersion": "0.5.0",
                "key": {
                    "type": "string",
                    "format": "binary",
                    "minLength": 16,
                    "maxLength": 16,
                    "description": "subject key",
                },
            }
        },
        "payload": {"schemaFormat": AVRO_FORMAT, "schema": payload},
    }
