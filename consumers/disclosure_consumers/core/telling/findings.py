"""What a decision says of each item, told from what it records: the items that differ from the whole."""

from collections.abc import Mapping
from typing import NamedTuple

from disclosure_consumers.core.telling.deciding_step import stopped_as
from disclosure_consumers.core.verdict import GOES, Verdict
from disclosure_schemas.events.decision import DisclosureDecided
from disclosure_schemas.events.vocabulary import Kind, Outcome


class Finding(NamedTuple):
    """What was found of one item."""

    outcome: Outcome
    kind: Kind
    reason: str

    @property
    def goes(self) -> bool:
        """Whether the item may go, or rightly went."""
        return self.outcome in GOES


def findings_of(decided: DisclosureDecided) -> tuple[Finding, ...]:
    """What a recorded decision says of each item, in order."""
    listed = {it.item: Finding(it.outcome, it.kind, it.reason) for it in decided.items}
    main = Finding(decided.outcome, decided.kind, decided.reason)
    return _of_items(main, listed, len(decided.request.disclosure.items))


def findings_of_verdict(verdict: Verdict, items: int) -> tuple[Finding, ...]:
    """What a verdict on so many items says of each, as its record would."""
    listed = {index: Finding(it.outcome, it.kind, it.reason) for index, it in verdict.items}
    return _of_items(Finding(verdict.outcome, verdict.kind, verdict.reason), listed, items)


def _of_items(main: Finding, listed: Mapping[int, Finding], count: int) -> tuple[Finding, ...]:
    """An item that is not listed shares the event's; of a partial answer, it is one that was stopped."""
    if main.outcome is Outcome.PARTIAL:
        main = main._replace(outcome=stopped_as(main.reason))
    return tuple(listed.get(index, main) for index in range(count))
