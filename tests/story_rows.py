"""What a played scenario leaves in the ledger: what was said, and a row for each report as it stands."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from answer_rows import row
from disclosure_consumers.core.casebook.casebook import Case, Casebook
from disclosure_consumers.scenarios.story import Story
from disclosure_ledger.store.rows import DecisionRow
from disclosure_schemas.codec import PartWriter
from disclosure_schemas.events.decision import ItemDecision
from disclosure_schemas.events.disclosure import DisclosureRequested
from disclosure_schemas.events.identity import IdentityLinked
from disclosure_schemas.events.preference import PreferenceRecorded
from disclosure_schemas.events.vocabulary import Mode

_DISCLOSURE = PartWriter("DisclosureRequested", "disclosure", "disclosure")


@dataclass
class Played:
    """A scenario after all has arrived."""

    casebook: Casebook
    said: list[PreferenceRecorded | IdentityLinked] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)

    def rows(self) -> Iterator[DecisionRow]:
        """A row for each report, decided as it stands now."""
        for case in self.cases:
            event = case.event
            if isinstance(event, DisclosureRequested) and event.disclosure.mode is Mode.REPORT:
                found = self._row(case, event)
                if found is not None:
                    yield found

    def _row(self, case: Case, event: DisclosureRequested) -> DecisionRow | None:
        ruling = self.casebook.final(case)
        if ruling is None or ruling.verdict is None or ruling.decided is None:
            return None
        verdict, decided = ruling.verdict, ruling.decided
        what = decided.disclosure
        return row(
            1,
            event_id=event.event_id,
            subject_key=decided.subject_key,
            subject_type=what.subject_type.value,
            mode=what.mode.value,
            recipient_id=what.recipient_id,
            declared_kind=what.kind.value,
            kind=ruling.kind.value,
            purpose=what.purpose,
            items=tuple(str(item) for item in what.items),
            item_decisions=tuple(
                ItemDecision(item=index, outcome=item.outcome, kind=item.kind, reason=item.reason)
                for index, item in verdict.items
            ),
            occurred_at=event.occurred_at,
            emitted_at=event.emitted_at,
            outcome=ruling.outcome.value,
            reason=str(ruling.reason),
            flags=tuple(sorted(ruling.flags)),
            preference_event_ids=tuple(uuid.UUID(bytes=event_id) for event_id in verdict.stopped_by),
            transaction_id=decided.transaction_id,
            disclosure=_DISCLOSURE.write({"disclosure": what.model_dump()}),
        )


def played(story: Story) -> Played:
    """Let the events of a scenario arrive as they are listed."""
    result = Played(Casebook(story.registry))
    for step in story.steps:
        for arrival in step.arrivals:
            case = result.casebook.receive(arrival)
            if isinstance(arrival, PreferenceRecorded | IdentityLinked):
                result.said.append(arrival)
            if case is not None:
                result.cases.append(case)
    return result
