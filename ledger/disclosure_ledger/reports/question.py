"""What is asked: the law, the person, the period, and what came with the request."""

import uuid
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from disclosure_ledger.answers.periods import Period
from disclosure_schemas.events.base import Code, Moment, Value
from disclosure_schemas.events.vocabulary import SubjectType

MAX_SUBJECTS = 64
"""Most identifiers one person is known under in one request."""

MAX_SUSPENSIONS = 64


class ReportRegime(StrEnum):
    """Laws under which a report is made (legal 4)."""

    CALIFORNIA = "us-ca"
    OREGON = "us-or"
    MINNESOTA = "us-mn"
    CONNECTICUT = "us-ct"
    DELAWARE = "us-de"
    MARYLAND = "us-md"
    WASHINGTON = "us-wa"
    EUROPE = "eu"
    HIPAA = "hipaa"


class ReportSubject(Value):
    """One key the person is known under, and what it stands for."""

    key: uuid.UUID
    type: SubjectType = SubjectType.ACCOUNT


class Verification(Value):
    """How it was made sure that the request is the person's own (11 CCR 7060 to 7063; legal 2.8.2)."""

    level: Literal["reasonable", "reasonably_high"]
    method: Code | None = None
    agent: Code | None = None


class Suspension(Value):
    """An agency's statement that an accounting would impede it (45 CFR 164.528(a)(2); legal 4.15).

    `until` None: an oral statement, which holds for 30 days.
    """

    recipient_id: Code
    stated_on: date
    until: date | None = None


class ReportQuestion(Value):
    """One request of one person.

    `period` None: what the law gives without asking; `everything`: as far back as the law reaches.
    `received_at` None: now. `same_person`: the identifiers are one person's although no link says so.
    `accept_unknown`: answer that nothing is known, rather than refuse. `with_internal`: also what the person
    is not told. `known_at`: as of an earlier moment of knowledge; None: as of now.
    """

    regime: ReportRegime
    subjects: Annotated[tuple[ReportSubject, ...], Field(min_length=1, max_length=MAX_SUBJECTS)]
    period: Period | None = None
    everything: bool = False
    received_at: Moment | None = None
    request_id: Code | None = None
    verification: Verification | None = None
    names: bool = False
    shine_the_light: bool = False
    suspensions: Annotated[tuple[Suspension, ...], Field(max_length=MAX_SUSPENSIONS)] = ()
    same_person: bool = False
    accept_unknown: bool = False
    with_internal: bool = False
    known_at: Moment | None = None

    @property
    def keys(self) -> tuple[uuid.UUID, ...]:
        """Keys of the person, each once."""
        return tuple(dict.fromkeys(subject.key for subject in self.subjects))
