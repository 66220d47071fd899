"""What the demo's ledger says: one person's answer, and how often the gate gave each answer."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from disclosure_ledger.answers.answer import Answer
from disclosure_ledger.answers.periods import last
from disclosure_ledger.door.reader import LocalReader
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.events.vocabulary import Outcome

_NOT_DISCLOSED = frozenset({Outcome.SUPPRESS, Outcome.REJECT, Outcome.PARTIAL})
_AFTER_THE_FACT = frozenset({Outcome.NOTIFY, Outcome.VIOLATION})


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomeCount:
    """How often one outcome was given for one reason."""

    outcome: Outcome
    reason: str
    disclosures: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """Read of the ledger after the demo; `dead_letters` by cause."""

    answer: Answer
    outcomes: tuple[OutcomeCount, ...]
    dead_letters: tuple[tuple[str, int], ...]

    @property
    def blocked(self) -> tuple[OutcomeCount, ...]:
        """What was asked for and not, or not wholly, let through."""
        return tuple(entry for entry in self.outcomes if entry.outcome in _NOT_DISCLOSED)

    @property
    def found_afterwards(self) -> tuple[OutcomeCount, ...]:
        """What was reported as done and should not have been."""
        return tuple(entry for entry in self.outcomes if entry.outcome in _AFTER_THE_FACT)

    @property
    def decided(self) -> int:
        """All decisions."""
        return sum(entry.disclosures for entry in self.outcomes)


def read_findings(ledger_folder: Path, subject_key: uuid.UUID) -> Findings:
    """Open the ledger itself, as anybody can once the recorder has stopped."""
    with Ledger.open(ledger_folder, read_only=True) as ledger:
        answer = LocalReader(ledger).to_whom(
            [subject_key], last("12m", datetime.now(UTC)), include_blocked=True
        )
        with ledger.snapshot() as snapshot:
            outcomes = snapshot.fetch_sql(_sql("outcomes"))
            causes = snapshot.fetch_sql(_sql("dead_letter_causes"))
    return Findings(
        answer=answer,
        outcomes=tuple(
            OutcomeCount(
                outcome=Outcome(row["outcome"]), reason=row["reason"], disclosures=row["disclosures"]
            )
            for row in outcomes
        ),
        dead_letters=tuple((row["cause"], row["records"]) for row in causes),
    )


def _sql(name: str) -> str:
    return resources.files("disclosure_ledger.demo").joinpath(f"{name}.sql").read_text(encoding="utf-8")
