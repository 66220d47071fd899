"""Properties of notice against reality: the set-wise count equals the count person by person."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from answer_rows import NOW, decisions_table, event_id, row
from disclosure_consumers.core.registry import FOREVER_US, Period
from disclosure_ledger.reality.building import matrix
from disclosure_ledger.reality.observed import read_observed
from disclosure_ledger.store.ledger import Ledger
from disclosure_ledger.store.parts import PartNumbers
from disclosure_ledger.store.queries import query
from disclosure_ledger.store.rows import DecisionRow
from disclosure_schemas.events.vocabulary import Kind, Mode, Outcome
from reality_samples import microseconds, notice, observed_one_by_one, question

_EVENTS = 9
_REFERRING = ("decision_event_id", "corrects_event_id", "retracts_event_id")
_WENT = [Outcome.PERMIT.value] * 6
_CHANGE = datetime(2026, 10, 1, 20, tzinfo=UTC)
_FIRST = notice("first", period=Period(-FOREVER_US, microseconds(_CHANGE)))
_SECOND = notice(
    "second",
    rows={"identifiers": (["consented_entities"], []), "commercial": ([], "all"), "sensitive": ([], [])},
    period=Period(microseconds(_CHANGE), FOREVER_US),
)
_RULED = st.tuples(
    st.sampled_from(list(Outcome)),
    st.sampled_from([Kind.SALE, Kind.BUSINESS_PURPOSE, Kind.OTHER]),
    st.sampled_from(["not_opted_out", "undeclared_kind", "same_business", "opt_in_valid"]),
)


def references() -> SearchStrategy[dict[str, int]]:
    """What an event refers to: mostly one event of the history, before it or behind it, or none at all."""
    return st.dictionaries(st.sampled_from(_REFERRING), st.integers(0, _EVENTS), max_size=2)


def histories() -> SearchStrategy[list[DecisionRow]]:
    """Rows of two people that refer to each other in every way, sensible or not; eight times over.

    One ledger with many histories costs little more to ask than one with a single history.
    """
    changes = st.fixed_dictionaries(
        {
            "subject_key": st.sampled_from([uuid.UUID(int=1), uuid.UUID(int=2**127 + 1)]),
            "mode": st.sampled_from([Mode.REQUEST.value, Mode.REPORT.value]),
            "outcome": st.sampled_from([*_WENT, *(outcome.value for outcome in Outcome)]),
            "kind": st.sampled_from([Kind.SALE.value, Kind.BUSINESS_PURPOSE.value, Kind.LEGAL_PROCESS.value]),
            "recipient_id": st.sampled_from(["harborlight", "copperkite"]),
            "contract_id": st.sampled_from([None, "harborlight/third_party"]),
            "items": st.sampled_from(
                [("identifiers",), ("identifiers.ssn", "commercial", "identifiers.email")]
            ),
            "listed": st.dictionaries(st.integers(0, 2), _RULED, max_size=2),
            "purpose": st.sampled_from(["marketing", "train_models"]),
            "refers": references(),
            "minutes": st.integers(0, 3),
        }
    )
    one = st.lists(changes, min_size=3, max_size=_EVENTS)
    return st.lists(one, max_size=6).map(
        lambda several: [
            _row(history * (_EVENTS + 1), number, entry)
            for history, entries in enumerate(several)
            for number, entry in enumerate(entries)
        ]
    )


def _row(first: int, number: int, entry: dict[str, Any]) -> DecisionRow:
    """A row whose order of emission is not that of its number; numbers of the history begin with `first`."""
    changes = dict(entry)
    emitted_at = _CHANGE + timedelta(minutes=changes.pop("minutes") - 1)
    changes |= {name: event_id(first + other) for name, other in changes.pop("refers").items()}
    return row(
        first + number, emitted_at=emitted_at, occurred_at=emitted_at - timedelta(seconds=1), **changes
    )


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """One ledger for all examples: opening one costs more than asking it."""
    with Ledger.open(tmp_path_factory.mktemp("reality") / "ledger", create=True) as opened:
        yield opened


def refilled(ledger: Ledger, history: list[DecisionRow]) -> Ledger:
    """The ledger with these decisions and no others."""
    with ledger.cursor() as cursor:
        cursor.execute("DELETE FROM hot_decision_row")
        if history:
            rows = PartNumbers(cursor).numbered(decisions_table(history))
            cursor.register("incoming", rows)
            cursor.execute(query("insert_decisions"), {"recorded_at": NOW.replace(tzinfo=None)})
    return ledger


@settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=50
)
@given(history=histories())
def test_the_count_in_sets_equals_the_count_person_by_person(
    ledger: Ledger, history: list[DecisionRow]
) -> None:
    """DuckDB's groups and `standing_rows` of each person make the same matrix, whatever refers to what."""
    at = question(_FIRST, _SECOND)

    counted = matrix(read_observed(refilled(ledger, history), at), at, NOW)

    assert counted == matrix(observed_one_by_one(history, at), at, NOW)


@settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=30
)
@given(histories())
def test_every_disclosure_is_in_a_cell_and_every_cell_has_one_status(history: list[DecisionRow]) -> None:
    """No cell stands twice in a stretch, none counts more than there was, and what is undeclared was seen."""
    at = question(_FIRST, _SECOND)
    made = matrix(observed_one_by_one(history, at), at, NOW)

    cells = [(entry.from_at, cell) for entry in made.stretches for cell in entry.cells]
    places = [(at, cell.pi_category, cell.recipient_category, cell.column) for at, cell in cells]
    assert len(set(places)) == len(places)
    assert all(cell.undeclared <= cell.count <= made.disclosures for _, cell in cells)
    assert (made.disclosures > 0) == any(cell.count for _, cell in cells)
    assert (made.undeclared > 0) == any(cell.undeclared for _, cell in cells)
