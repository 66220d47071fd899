"""Verdicts: what the core answers, as values."""

from collections.abc import Hashable
from typing import NamedTuple

from disclosure_consumers.core.registry import ALWAYS, Period
from disclosure_consumers.core.subject.standing import Limit, Stop
from disclosure_schemas.events.vocabulary import Kind, Outcome, RecipientRole

RULE_VERSION = "2"
"""Raised with every change that can change a decision; stamped on each (G5)."""

GOES = frozenset({Outcome.PERMIT, Outcome.OUT_OF_SCOPE})
"""Outcomes of an item that may go."""

NO_FLAGS: frozenset[str] = frozenset()


class ItemVerdict(NamedTuple):
    """Decision of one item.

    `step`: the step of the algorithm that decided it. `stops`, `limits`: what steps 9 and 10 stop it for.
    """

    outcome: Outcome
    kind: Kind
    reason: str
    step: int
    flags: frozenset[str] = NO_FLAGS
    stops: tuple[Stop, ...] = ()
    limits: tuple[Limit, ...] = ()


class Verdict(NamedTuple):
    """Decision of one disclosure.

    `item_verdicts`: one for each item, in order. `items`: (index, verdict) of those decided otherwise than
    the whole. `stopped_by`: ids of the preferences that stop it; `stopped_for`: what these say. `party_id`:
    who counts as the recipient, behind a step transaction the third party. `must_tell`: a report that an
    opt-out or limit stops, so that the party must be told. The same disclosure with a standing of the same
    signature is decided alike at any moment of `holds` (requests).
    """

    outcome: Outcome
    kind: Kind
    reason: str
    flags: tuple[str, ...] = ()
    items: tuple[tuple[int, ItemVerdict], ...] = ()
    recipient_name: str | None = None
    recipient_category: str | None = None
    recipient_role: RecipientRole = RecipientRole.UNKNOWN
    notice_id: str | None = None
    contract_id: str | None = None
    stopped_by: tuple[bytes, ...] = ()
    stopped_for: frozenset[Hashable] = frozenset()
    holds: Period = ALWAYS
    item_verdicts: tuple[ItemVerdict, ...] = ()
    party_id: str | None = None
    must_tell: bool = False
