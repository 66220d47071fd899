"""What the ledger knows of the requests: the ledger's half of the audit, as values."""

import uuid
from typing import Self

from pydantic import model_validator

from disclosure_ledger.audit.spans import Spans
from disclosure_schemas.events.base import Value

MOST_RUNS = 100_000
"""Most runs of missing offsets listed for one partition; what is not listed is counted."""


MOST_BULKS = 20
"""Most bulks named of which rows are lacking."""


class Extent(Value):
    """Offsets of one partition on the broker: from `low` (log start) up to, not including, `high`."""

    low: int
    high: int

    @model_validator(mode="after")
    def _does_not_end_before_it_begins(self) -> Self:
        if not 0 <= self.low <= self.high:
            raise ValueError(f"offsets go from 0 or later upwards, got {self.low} to {self.high}")
        return self


class Twice(Value):
    """A request that more than one row tells of."""

    partition: int
    offset: int
    decisions: int
    dead_letters: int


class FactsQuestion(Value):
    """What to read of the ledger: `topic` as the broker calls it, `ends` by partition of it.

    `ends` name, for every partition, the offset up to which requests are counted.
    """

    topic: str
    ends: dict[int, int]


class Coverage(Value):
    """What the rows tell of one partition of the requests, below the end that was asked for.

    `untold`: offsets from 0 to the end that no row tells of, the first MOST_RUNS runs of them; `distinct`:
    how many different offsets the rows tell of; `highest`: the highest of all, also beyond the end.
    """

    partition: int
    end: int
    decisions: int
    repeats: int
    dead_letters: int
    distinct: int
    untold: Spans
    highest: int | None

    @property
    def rows(self) -> int:
        """Rows that tell of a request."""
        return self.decisions + self.repeats + self.dead_letters

    @property
    def untold_count(self) -> int:
        """How many offsets no row tells of, also those beyond the runs listed."""
        return self.end - self.distinct


class BulkFound(Value):
    """How many rows a bulk was announced with, and of how many the ledger knows what became of them."""

    bulk_id: uuid.UUID
    announced: int
    found: int


class BulkFacts(Value):
    """All bulks together; `incomplete`: the first MOST_BULKS of which rows are lacking."""

    bulks: int = 0
    announced: int = 0
    found: int = 0
    incomplete: tuple[BulkFound, ...] = ()


class Facts(Value):
    """The ledger's half of the audit, all of one moment.

    `decisions_distinct`: different coordinates of disclosures.decided among the decision rows counted;
    `unreadable`: records of disclosures.decided and disclosures.dead-letter that could not be recorded.
    """

    coverage: tuple[Coverage, ...]
    twice: tuple[Twice, ...]
    decisions_distinct: int
    unreadable_decisions: int
    unreadable_dead_letters: int
    bulks: BulkFacts = BulkFacts()


class Positions(Value):
    """How far the recorder has read: next offset by partition of the topics in which requests end."""

    decided: dict[int, int]
    dead_letter: dict[int, int]


class DeepQuestion(Value):
    """Offsets of disclosures.decided, by partition, whose rows are to be counted."""

    decided: dict[int, Extent]


class DeepFacts(Value):
    """What takes a pass over every row: see `audit --deep`.

    `decided`: different coordinates of disclosures.decided within the offsets asked for, by partition;
    `event_ids_twice`: ids that the view `decision` has more than once, the first hundred.
    `sequence_gaps`: events that producers numbered and that no row has; dead letters have no number.
    """

    decided: dict[int, int]
    event_ids_twice: tuple[str, ...]
    sequence_gaps: int
