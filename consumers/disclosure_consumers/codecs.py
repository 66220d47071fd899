"""Codecs for the framing in use: Confluent wire format with a schema registry, else single-object."""

from functools import cache
from typing import TYPE_CHECKING, TypeVar

from disclosure_producers.settings import RegistrySettings
from disclosure_schemas.codec import EventCodec
from disclosure_schemas.events.base import Value

if TYPE_CHECKING:
    from disclosure_producers.schema_registry import ConfluentRegistry

T = TypeVar("T", bound=Value)


def event_codec(value_type: type[T], *, topic: str, settings: RegistrySettings) -> EventCodec[T]:
    """Codec of one record type for a topic; reads both framings, writes the one the settings choose."""
    if settings.url is None:
        return EventCodec(value_type)
    registry = _registry(settings.url)
    return EventCodec(
        value_type, registry=registry, registry_id=registry.register(topic, value_type.__name__)
    )


@cache
def _registry(url: str) -> "ConfluentRegistry":
    """One client a registry, for the life of the process."""
    from disclosure_producers.schema_registry import ConfluentRegistry  # noqa: PLC0415 - needs the extra

    return ConfluentRegistry(url)
