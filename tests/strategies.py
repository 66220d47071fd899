"""Hypothesis strategies for every event value, shared by all suites.

`EVENTS` has one strategy for each record; `COMMON_REQUESTS` makes requests without optional references,
the form that hot paths read without decoding (`disclosure_schemas.layout`).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from disclosure_schemas.event_ids import event_id_bytes
from disclosure_schemas.events.base import MAX_TEXT_LENGTH, Value
from disclosure_schemas.events.bulk import BulkAnnounced
from disclosure_schemas.events.dead_letter import DeadLetter, Header
from disclosure_schemas.events.decision import DisclosureDecided, ItemDecision
from disclosure_schemas.events.disclosure import Disclosure, DisclosureRequested, Item, Signals
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.notification import NotifiedDisclosure, RecipientNotified
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import (
    ActingAs,
    Bought,
    Consideration,
    DeadLetterCause,
    DisclosureChannel,
    Exemption,
    Kind,
    LinkAction,
    Mode,
    NotificationCause,
    Outcome,
    PreferenceChannel,
    PreferenceKind,
    PreferenceState,
    RecipientRole,
    SubjectType,
)

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

LONG_MAX = 2**63 - 1
INT_MAX = 2**31 - 1
MS_MAX = 2**48 - 1

_FIRST = datetime(1979, 1, 2)  # noqa: DTZ001 - hypothesis adds the time zone
_LAST = datetime(2999, 12, 31)  # noqa: DTZ001


def one_of(vocabulary: type[E]) -> SearchStrategy[E]:
    """Any symbol of a closed vocabulary, `unknown` too."""
    return st.sampled_from(list(vocabulary))


def optional(strategy: SearchStrategy[T]) -> SearchStrategy[T | None]:
    """A value or None."""
    return st.none() | strategy


def tuples_of(
    strategy: SearchStrategy[T], *, at_least: int = 0, at_most: int = 3
) -> SearchStrategy[tuple[T, ...]]:
    """A tuple of some values."""
    return st.lists(strategy, min_size=at_least, max_size=at_most).map(tuple)


TIME_ZONES = st.sampled_from([UTC, timezone(timedelta(hours=-8)), timezone(timedelta(hours=5, minutes=30))])
MOMENTS = st.datetimes(_FIRST, _LAST, timezones=TIME_ZONES)
"""Aware moments of the years in which a time in microseconds takes eight bytes."""

ANY_MOMENTS = st.datetimes(timezones=st.just(UTC))
"""Every moment Python can hold."""

KEYS = st.binary(min_size=16, max_size=16).map(lambda raw: UUID(bytes=raw))
EVENT_IDS = st.builds(
    lambda unix_ms, tail: UUID(bytes=event_id_bytes(unix_ms, tail)),
    st.integers(0, MS_MAX),
    st.binary(min_size=10, max_size=10),
)
TEXTS = st.text(max_size=30)
CODES = st.text(min_size=1, max_size=20) | st.just("ü" * MAX_TEXT_LENGTH)
OPTIONAL_CODES = optional(CODES)
SEQUENCES = st.integers(0, 300) | st.integers(0, LONG_MAX)

ITEMS = st.builds(Item, category=CODES, element=OPTIONAL_CODES, exemption=optional(one_of(Exemption)))
SIGNALS = st.builds(
    Signals, gpc=tuples_of(TEXTS), gpp=optional(TEXTS), usp=optional(TEXTS), dnt=optional(TEXTS)
)
DISCLOSURES = st.builds(
    Disclosure,
    mode=one_of(Mode),
    kind=one_of(Kind),
    recipient_id=CODES,
    purpose=CODES,
    items=tuples_of(ITEMS, at_least=1, at_most=4),
    emitter=CODES,
    subject_type=one_of(SubjectType),
    consideration=one_of(Consideration),
    cross_context_ads=st.booleans(),
    combines_data=st.booleans(),
    limit_exception=OPTIONAL_CODES,
    channel=one_of(DisclosureChannel),
    program=OPTIONAL_CODES,
    control_transferred=st.booleans(),
    onward_recipient_id=OPTIONAL_CODES,
    acting_as=one_of(ActingAs),
    bought=one_of(Bought),
    wholly_outside_california=st.booleans(),
    residency=OPTIONAL_CODES,
    signals=SIGNALS,
)


def requests(moments: SearchStrategy[datetime] = MOMENTS) -> SearchStrategy[DisclosureRequested]:
    """Requests and reports, with and without references to other events."""
    return st.builds(
        DisclosureRequested,
        event_id=EVENT_IDS,
        subject_key=KEYS,
        producer_id=KEYS,
        occurred_at=moments,
        emitted_at=moments,
        sequence=SEQUENCES,
        collected_at=optional(moments),
        decision_event_id=optional(EVENT_IDS),
        corrects_event_id=optional(EVENT_IDS),
        retracts_event_id=optional(EVENT_IDS),
        transaction_id=OPTIONAL_CODES,
        linked_subject_keys=tuples_of(KEYS),
        disclosure=DISCLOSURES,
    )


REQUESTS = requests()
COMMON_REQUESTS = st.builds(
    DisclosureRequested,
    event_id=EVENT_IDS,
    subject_key=KEYS,
    producer_id=KEYS,
    occurred_at=MOMENTS,
    emitted_at=MOMENTS,
    sequence=SEQUENCES,
    disclosure=DISCLOSURES,
)
ITEM_DECISIONS = st.builds(
    ItemDecision, item=st.integers(0, INT_MAX), outcome=one_of(Outcome), kind=one_of(Kind), reason=CODES
)
DECISIONS = st.builds(
    DisclosureDecided,
    decided_at=MOMENTS,
    valid_until=MOMENTS,
    rule_version=CODES,
    registry_hash=st.binary(min_size=32, max_size=32),
    preference_state=one_of(PreferenceState),
    preference_offsets=tuples_of(st.integers(0, LONG_MAX)),
    identity_offsets=tuples_of(st.integers(0, LONG_MAX)),
    request_partition=st.integers(0, INT_MAX),
    request_offset=st.integers(0, LONG_MAX),
    preference_event_ids=tuples_of(EVENT_IDS),
    outcome=one_of(Outcome),
    kind=one_of(Kind),
    reason=CODES,
    flags=tuples_of(CODES),
    items=tuples_of(ITEM_DECISIONS),
    recipient_name=optional(TEXTS),
    recipient_category=optional(TEXTS),
    recipient_role=one_of(RecipientRole),
    notice_id=optional(TEXTS),
    contract_id=optional(TEXTS),
    request=REQUESTS,
)
PREFERENCES = st.builds(
    PreferenceRecorded,
    event_id=EVENT_IDS,
    subject_key=KEYS,
    producer_id=KEYS,
    occurred_at=MOMENTS,
    emitted_at=MOMENTS,
    sequence=SEQUENCES,
    kind=one_of(PreferenceKind),
    subject_type=one_of(SubjectType),
    of=tuples_of(CODES),
    purposes=tuples_of(CODES),
    recipient_ids=tuples_of(CODES),
    elements=tuples_of(CODES),
    channel=one_of(PreferenceChannel),
    global_option_offered=st.booleans(),
    agent_permission=OPTIONAL_CODES,
    verified=st.booleans(),
    processed_at=optional(MOMENTS),
    expires_at=optional(MOMENTS),
    method=OPTIONAL_CODES,
    prompted=st.booleans(),
    informed_of_signal=st.booleans(),
    documented=st.booleans(),
    requestor_told=st.booleans(),
    transaction_id=OPTIONAL_CODES,
    program=OPTIONAL_CODES,
    choice=OPTIONAL_CODES,
    action=OPTIONAL_CODES,
    signals=SIGNALS,
    account_key=optional(KEYS),
    age_band=OPTIONAL_CODES,
    willful_disregard=st.booleans(),
    region=OPTIONAL_CODES,
    drop_list=OPTIONAL_CODES,
    drop_id=OPTIONAL_CODES,
    all_exempt=st.booleans(),
)
IDENTITY_LINKS = st.builds(
    IdentityLinked,
    event_id=EVENT_IDS,
    subject_key=KEYS,
    producer_id=KEYS,
    occurred_at=MOMENTS,
    emitted_at=MOMENTS,
    sequence=SEQUENCES,
    action=one_of(LinkAction),
    subject_type=one_of(SubjectType),
    other_subject_key=KEYS,
    other_subject_type=one_of(SubjectType),
    cause=CODES,
)
DEAD_LETTERS = st.builds(
    DeadLetter,
    failed_at=MOMENTS,
    cause=one_of(DeadLetterCause),
    detail=TEXTS,
    consumer=CODES,
    topic=CODES,
    partition=st.integers(0, INT_MAX),
    offset=st.integers(0, LONG_MAX),
    record_timestamp=optional(MOMENTS),
    key=optional(st.binary(max_size=40)),
    value=optional(st.binary(max_size=200)),
    headers=tuples_of(st.builds(Header, name=TEXTS, value=optional(st.binary(max_size=20)))),
)
BULKS = st.builds(
    BulkAnnounced,
    event_id=EVENT_IDS,
    bulk_id=KEYS,
    producer_id=KEYS,
    occurred_at=MOMENTS,
    emitted_at=MOMENTS,
    sequence=SEQUENCES,
    rows=SEQUENCES,
    keys_sha256=st.binary(min_size=32, max_size=32),
    disclosure=DISCLOSURES,
)

NOTIFICATIONS = st.builds(
    RecipientNotified,
    notification_id=CODES,
    item_id=KEYS,
    subject_key=KEYS,
    recipient_id=CODES,
    issued_at=MOMENTS,
    cause=one_of(NotificationCause),
    requested_at=MOMENTS,
    due_on=CODES,
    forward=st.booleans(),
    directions=tuples_of(TEXTS),
    disclosures=tuples_of(
        st.builds(
            NotifiedDisclosure,
            event_id=EVENT_IDS,
            occurred_at=MOMENTS,
            kind=one_of(Kind),
            items=tuples_of(CODES),
            transaction_id=OPTIONAL_CODES,
        )
    ),
)

EVENTS: Mapping[type[Value], SearchStrategy[Value]] = {
    DisclosureRequested: REQUESTS,
    DisclosureDecided: DECISIONS,
    PreferenceRecorded: PREFERENCES,
    IdentityLinked: IDENTITY_LINKS,
    DeadLetter: DEAD_LETTERS,
    RecipientNotified: NOTIFICATIONS,
    BulkAnnounced: BULKS,
}
"""One strategy for each record of the topics."""
