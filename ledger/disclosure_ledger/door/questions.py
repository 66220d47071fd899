"""What is asked at the door: bodies of the requests and paths, for both sides."""

import uuid
from typing import Annotated

from pydantic import Field

from disclosure_ledger.answers.periods import Period
from disclosure_ledger.audit.run import DEFAULT_VERIFY_LIMIT, DEFAULT_WAIT_S
from disclosure_schemas.events.base import Moment, Value

TO_WHOM = "/v1/to-whom"
EXPLAIN = "/v1/explain"
AUDIT = "/v1/audit"
AUDIT_POSITIONS = "/v1/audit/positions"
AUDIT_FACTS = "/v1/audit/facts"
AUDIT_DEEP_FACTS = "/v1/audit/deep-facts"
STATS = "/v1/stats"
HEALTH = "/v1/health"

PROBLEM_MEDIA_TYPE = "application/problem+json"
"""RFC 9457."""

MAX_SUBJECT_KEYS = 64
"""Most keys one person is known under in one question."""

MAX_WAIT_S = 600.0


class ToWhomQuestion(Value):
    """Body of `POST /v1/to-whom`: the keys of one person and whole days in California.

    `known_at`: what we would have said then; None for all that is known.
    """

    subject_keys: Annotated[tuple[uuid.UUID, ...], Field(min_length=1, max_length=MAX_SUBJECT_KEYS)]
    period: Period
    include_blocked: bool = False
    known_at: Moment | None = None


class ExplainQuestion(Value):
    """Body of `POST /v1/explain`: the id of the event whose decision is to be explained.

    `known_at`: as known then; None for all that is known.
    """

    event_id: uuid.UUID
    known_at: Moment | None = None


class AuditQuestion(Value):
    """Body of `POST /v1/audit`: the whole audit, run beside the recorder."""

    wait_s: Annotated[float, Field(ge=0, le=MAX_WAIT_S)] = DEFAULT_WAIT_S
    verify_limit: Annotated[int, Field(ge=0)] = DEFAULT_VERIFY_LIMIT
    deep: bool = False
