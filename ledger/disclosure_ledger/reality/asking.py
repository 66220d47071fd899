"""The operations of notice against reality."""

from disclosure_ledger.answers.periods import Period
from disclosure_ledger.answers.to_whom import not_covered
from disclosure_ledger.door.operation import Occasion, Operation
from disclosure_ledger.reality.asked import asked
from disclosure_ledger.reality.building import matrix
from disclosure_ledger.reality.matrix import Matrix
from disclosure_ledger.reality.observed import read_observed
from disclosure_ledger.reality.policy_building import policy_tables
from disclosure_ledger.reality.policy_tables import PolicyTables
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.events.base import Moment, Value

_TIMEOUT_S = 600.0
"""A pass over every row of a large ledger."""


class RealityQuestion(Value):
    """A period in whole days; `known_at`: as of what the ledger had recorded by then, None for all of it."""

    period: Period
    known_at: Moment | None = None


def ask_matrix(ledger: Ledger, question: RealityQuestion, occasion: Occasion) -> Matrix:
    """Declared against observed, by the notices of the registry in force."""
    at = asked(question.period, question.known_at, occasion.registry().registry)
    gap = not_covered(question.period, occasion.retention_floor)
    return matrix(read_observed(ledger, at), at, occasion.now, gap)


def ask_policy_tables(ledger: Ledger, question: RealityQuestion, occasion: Occasion) -> PolicyTables:
    """The tables of 11 CCR 7011(e)(1) from what was disclosed, in the words of the registry in force."""
    published = occasion.registry()
    at = asked(question.period, question.known_at, published.registry)
    gap = not_covered(question.period, occasion.retention_floor)
    return policy_tables(read_observed(ledger, at), at, published.contents, occasion.now, gap)


MATRIX = Operation("/v1/matrix", RealityQuestion, Matrix, ask_matrix, timeout_s=_TIMEOUT_S)
POLICY_TABLES = Operation(
    "/v1/policy-tables", RealityQuestion, PolicyTables, ask_policy_tables, timeout_s=_TIMEOUT_S
)
