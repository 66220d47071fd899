"""The SDK's fast encoding against the general encoder: the same bytes for the same event."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from disclosure_producers.disclosure_content import encoded_references
from disclosure_producers.event_head import EventHead
from disclosure_schemas.codec import EventCodec, PartWriter
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.layout import NO_REFERENCES, disclosure_start, zigzag_varint
from disclosure_schemas.moments import microseconds
from strategies import COMMON_REQUESTS, IDENTITY_LINKS, LONG_MAX, PREFERENCES, REQUESTS

CODEC = EventCodec(DisclosureRequested)
CONTENT = PartWriter("DisclosureRequested", "disclosure", "disclosure")
HEAD_FIELDS = {"event_id", "subject_key", "producer_id", "occurred_at", "emitted_at", "sequence"}


def packed(
    header: bytes, event: DisclosureRequested | PreferenceRecorded | IdentityLinked, rest: bytes
) -> bytes:
    """The event as the SDK packs it."""
    occurred_us = None if event.occurred_at == event.emitted_at else microseconds(event.occurred_at)
    return EventHead(header, event.producer_id.bytes).event(
        event.event_id.bytes,
        event.subject_key.bytes,
        occurred_us,
        microseconds(event.emitted_at),
        event.sequence,
        rest,
    )


@given(COMMON_REQUESTS)
def test_the_fast_path_writes_what_the_codec_writes(event: DisclosureRequested) -> None:
    """A request without references has the same bytes packed by hand as encoded by fastavro."""
    rest = NO_REFERENCES + CONTENT.write({"disclosure": event.disclosure.model_dump()})

    assert packed(CODEC.header, event, rest) == CODEC.encode(event)


@given(REQUESTS)
def test_references_are_written_as_the_codec_writes_them(event: DisclosureRequested) -> None:
    """An event with any optional references has the same bytes as encoded by fastavro."""
    references = {
        name: getattr(event, name)
        for name in (
            "collected_at",
            "decision_event_id",
            "corrects_event_id",
            "retracts_event_id",
            "transaction_id",
        )
    }
    linked = {"linked_subject_keys": event.linked_subject_keys} if event.linked_subject_keys else {}
    rest = encoded_references({**references, **linked}) + CONTENT.write(
        {"disclosure": event.disclosure.model_dump()}
    )

    assert packed(CODEC.header, event, rest) == CODEC.encode(event)


@given(COMMON_REQUESTS)
def test_hot_paths_find_the_content_of_what_the_sdk_writes(event: DisclosureRequested) -> None:
    """The documented layout finds the nested disclosure in a body that the SDK packed."""
    content = CONTENT.write({"disclosure": event.disclosure.model_dump()})
    body = packed(b"", event, NO_REFERENCES + content)

    assert body[disclosure_start(body) :] == content


@given(PREFERENCES)
def test_preferences_are_written_as_the_codec_writes_them(event: PreferenceRecorded) -> None:
    """A preference has the same bytes packed in two parts as encoded by fastavro."""
    codec = EventCodec(PreferenceRecorded)
    rest = PartWriter("PreferenceRecorded", "kind", "all_exempt").write(event.model_dump(exclude=HEAD_FIELDS))

    assert packed(codec.header, event, rest) == codec.encode(event)


@given(IDENTITY_LINKS)
def test_links_are_written_as_the_codec_writes_them(event: IdentityLinked) -> None:
    """An identity event has the same bytes packed in two parts as encoded by fastavro."""
    codec = EventCodec(IdentityLinked)
    rest = PartWriter("IdentityLinked", "action", "cause").write(event.model_dump(exclude=HEAD_FIELDS))

    assert packed(codec.header, event, rest) == codec.encode(event)


@given(st.lists(st.tuples(st.integers(0, LONG_MAX), st.integers(-(2**63), LONG_MAX)), max_size=20))
def test_one_head_packs_any_succession_of_numbers(numbers: list[tuple[int, int]]) -> None:
    """What a head remembers of the last event never shows in the next one."""
    head = EventHead(b"", bytes(16))
    key = UUID(int=7).bytes
    for sequence, at_us in numbers:
        expected = key + key + bytes(16) + zigzag_varint(at_us) * 2 + zigzag_varint(sequence) + NO_REFERENCES

        assert head.event(key, key, None, at_us, sequence, NO_REFERENCES) == expected
