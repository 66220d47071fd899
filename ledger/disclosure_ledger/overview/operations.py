"""What the overviews ask of the ledger, as operations."""

import uuid
from typing import Annotated

from pydantic import Field

from disclosure_ledger.answers.periods import Period
from disclosure_ledger.door.operation import Occasion, Operation
from disclosure_ledger.overview.timeline import Timeline, timeline
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.uuid_lists import uuid_list
from disclosure_schemas.events.base import Value

MAX_SUBJECT_KEYS = 64


class TimelineQuestion(Value):
    """The keys of one person, and whole days in California."""

    subject_keys: Annotated[tuple[uuid.UUID, ...], Field(min_length=1, max_length=MAX_SUBJECT_KEYS)]
    period: Period


class RecordedQuestion(Value):
    """Is the preference with this event id in the ledger?"""

    event_id: uuid.UUID


class IsRecorded(Value):
    """Whether the ledger has it."""

    is_recorded: bool


def read_timeline(ledger: Ledger, question: TimelineQuestion, occasion: Occasion) -> Timeline:
    """One person's time line; identity links are told and not followed."""
    keys = {"subject_keys": uuid_list(question.subject_keys)}
    with ledger.snapshot() as snapshot:
        preferences = snapshot.fetch("overview_preferences_of", keys)
        links = snapshot.fetch("overview_links_of", keys)
    rows = ledger.rows_of_subject(question.subject_keys)
    return timeline(rows, preferences, links, question.period, occasion.now)


def read_is_recorded(ledger: Ledger, question: RecordedQuestion, _: Occasion) -> IsRecorded:
    """Whether a preference has arrived in the ledger."""
    found = ledger.fetch("overview_preference_is_recorded", {"event_id": str(question.event_id)})
    return IsRecorded(is_recorded=bool(found[0]["is_recorded"]))


TIMELINE = Operation("/v1/overview/timeline", TimelineQuestion, Timeline, read_timeline)
IS_RECORDED = Operation("/v1/overview/recorded", RecordedQuestion, IsRecorded, read_is_recorded)
