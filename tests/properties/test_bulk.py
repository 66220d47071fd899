"""Properties of bulks: every row is told of once, and exactly those that may go are handed out."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulk_samples import NOW, dead_letter, decided, person, record, sent
from disclosure_ledger.audit.facts import FactsQuestion
from disclosure_ledger.audit.ledger_facts import read_facts
from disclosure_ledger.bulk.handing_out import PermittedPages
from disclosure_ledger.bulk.progress import BULK, BULKS, BulkQuestion, BulksQuestion, BulkState
from disclosure_ledger.door.reader import LocalReader
from disclosure_ledger.store.ledger import Ledger
from disclosure_schemas.bulk_ids import bulk_id, row_event_id_range, row_event_ids
from disclosure_schemas.events.vocabulary import Outcome

_DEAD, _UNSENT = "dead", "unsent"
_WHOLE = {Outcome.PERMIT, Outcome.OUT_OF_SCOPE}
_FATES = st.lists(
    st.sampled_from(
        [_DEAD, _UNSENT, Outcome.PERMIT, Outcome.OUT_OF_SCOPE, Outcome.SUPPRESS, Outcome.PARTIAL, "expired"]
    ),
    min_size=1,
    max_size=30,
)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """One ledger for all examples: each is a bulk of its own."""
    with Ledger.open(tmp_path_factory.mktemp("bulk") / "ledger", create=True) as opened:
        yield opened


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    fates=_FATES,
    again=st.lists(st.tuples(st.integers(0, 29), st.booleans()), max_size=10),
    resumed=st.booleans(),
)
def test_every_row_is_told_of_once_and_exactly_the_permitted_are_handed_out(
    ledger: Ledger, fates: list[str], again: list[tuple[int, bool]], resumed: bool
) -> None:
    """Whatever became of the rows, and of those that came again: the numbers add up, the list is exact."""
    announced, requests = sent(len(fates))
    decisions = []
    for request, fate in zip(requests, fates, strict=True):
        if fate == "expired":
            decisions.append(decided(request, Outcome.PERMIT, NOW - timedelta(seconds=1)))
        elif fate not in {_DEAD, _UNSENT}:
            decisions.append(decided(request, Outcome(fate)))
    dead = [dead_letter(request) for request, fate in zip(requests, fates, strict=True) if fate == _DEAD]
    record(ledger, announced=[announced] * (1 + resumed), decisions=decisions, dead=dead)
    repeats = [(decisions[number], stops) for number, stops in again if number < len(decisions)]
    record(
        ledger,
        decisions=[decided(old.request, Outcome.SUPPRESS) if stops else old for old, stops in repeats],
    )
    stopped = {old.request.sequence for old, stops in repeats if stops}

    might_go = [n for n, fate in enumerate(fates) if fate in {*_WHOLE, "expired"}]
    may_go = [n for n in might_go if fates[n] in _WHOLE and n not in stopped]

    reader = LocalReader(ledger, clock=lambda: NOW)
    state = reader.ask(BULK, BulkQuestion(bulk_id=announced.bulk_id)).state
    assert state is not None
    assert state.announced.announcements == 1 + resumed
    assert _counts(state) == {
        "decided": len(decisions),
        "dead": fates.count(_DEAD),
        "waiting": fates.count(_UNSENT),
        "permitted": len(may_go),
        "expired": len(might_go) - len(may_go),
        "partial": fates.count(Outcome.PARTIAL),
    }
    missing = [number for run in state.missing for number in range(run.first, run.last + 1)]
    assert missing == [number for number, fate in enumerate(fates) if fate == _UNSENT]
    assert sum(count.rows for count in state.outcomes) == len(decisions)

    handed_out = list(PermittedPages(reader, announced.bulk_id))
    assert handed_out == [(number, person(number)) for number in may_go]


def _counts(state: BulkState) -> dict[str, int]:
    return {
        "decided": state.decided,
        "dead": state.dead_lettered,
        "waiting": state.waiting,
        "permitted": state.permitted,
        "expired": state.expired,
        "partial": state.partial,
    }


def test_the_list_and_the_audit_tell_of_every_bulk(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The audit says how many rows were announced and found; what is lacking is named (G3)."""
    with Ledger.open(tmp_path_factory.mktemp("bulks") / "ledger", create=True) as ledger:
        whole, requests = sent(3)
        record(ledger, announced=[whole], decisions=[decided(one, Outcome.PERMIT) for one in requests])
        part, requests = sent(5)
        record(ledger, announced=[part, part], decisions=[decided(requests[0], Outcome.SUPPRESS)])

        listed = LocalReader(ledger, clock=lambda: NOW).ask(BULKS, BulksQuestion()).bulks
        facts = read_facts(ledger, FactsQuestion(topic="disclosures.requested", ends={0: 10})).bulks

    assert [(bulk.announced.rows, bulk.decided) for bulk in listed] == [(5, 1), (3, 3)]
    assert (facts.bulks, facts.announced, facts.found) == (2, 8, 4)
    assert [(bulk.bulk_id, bulk.found) for bulk in facts.incomplete] == [(part.bulk_id, 1)]


@given(
    st.integers(0, 2**48 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(st.integers(0, 2**34 - 2), min_size=2, unique=True),
)
def test_ids_of_rows_are_different_ordered_and_within_their_range(
    unix_ms: int, digest: bytes, numbers: list[int]
) -> None:
    """For any bulk the ids of rows follow the order of their numbers and lie in the bulk's range."""
    bulk = bulk_id(unix_ms, max(numbers) + 1, digest, b"")
    make = row_event_ids(bulk)
    ids = [make(number) for number in sorted(numbers)]
    first, last = row_event_id_range(bulk, max(numbers) + 1)

    assert ids == sorted(set(ids))
    assert first.bytes <= ids[0]
    assert ids[-1] == last.bytes
