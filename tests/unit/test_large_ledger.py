"""The builder of large ledgers: the same rows however often it is stopped, with real contents."""

from datetime import date
from pathlib import Path

import pytest

from bench import large_ledger, ledger_rows
from bench.large_ledger import OtherPlanError, build, rows_done
from bench.ledger_rows import BEGIN, END, LedgerRows, Plan, subject_key
from disclosure_ledger.store.ledger import Ledger

PLAN = Plan(7_500)


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of a thousand rows."""
    monkeypatch.setattr(ledger_rows, "BATCH_ROWS", 1000)
    monkeypatch.setattr(large_ledger, "BATCH_ROWS", 1000)
    monkeypatch.setattr(ledger_rows, "GATE_BATCH", 10)


def everything(folder: Path) -> list[object]:
    """Every row of a ledger."""
    with Ledger.open(folder, read_only=True) as ledger:
        return list(ledger.rows_of_subject(subject_key(number) for number in range(PLAN.subjects)))


def test_a_build_that_was_stopped_goes_on_where_the_ledger_is(tmp_path: Path) -> None:
    """Stopped after three batches and built again gives the same rows as built in one go, none twice."""
    build(tmp_path / "whole", PLAN, quiet=True)
    with Ledger.open(tmp_path / "stopped", create=True) as ledger:
        for number, batch in zip(range(3), LedgerRows(PLAN).batches(0), strict=False):
            ledger.record_batch(batch)
            if number == 1:
                ledger.seal()
        assert rows_done(ledger, PLAN) == 3000
    build(tmp_path / "stopped", PLAN, quiet=True)
    whole = everything(tmp_path / "whole")
    assert len(whole) == PLAN.rows
    assert everything(tmp_path / "stopped") == whole
    assert build(tmp_path / "whole", PLAN, quiet=True) == 0


def test_rows_are_of_two_years_and_of_all_outcomes(tmp_path: Path) -> None:
    """Decisions lie evenly over 24 months, and the gate's answers are of every usual kind."""
    build(tmp_path, PLAN, quiet=True)
    sql = (
        "SELECT min(decided_at) AS first, max(decided_at) AS last, list(DISTINCT outcome) AS outcomes, "
        "count(DISTINCT date_trunc('month', decided_at)) AS months, "
        "count(DISTINCT subject_key) AS subjects FROM decision"
    )
    with Ledger.open(tmp_path, read_only=True) as ledger, ledger.snapshot() as snapshot:
        (found,) = snapshot.fetch_sql(sql)
    assert (found["first"].date(), found["last"].date()) == (BEGIN.date(), date(2026, 10, 31))
    assert found["last"] < END.replace(tzinfo=None)
    assert {"permit", "suppress", "reject", "violation"} <= set(found["outcomes"])
    assert found["months"] == 24
    assert found["subjects"] > PLAN.subjects * 0.9


def test_a_ledger_of_another_size_is_not_gone_on_with(tmp_path: Path) -> None:
    """A folder with more rows than planned, or a part of a batch, is named."""
    build(tmp_path, PLAN, quiet=True)
    for rows in (5_000, 8_000):
        with pytest.raises(OtherPlanError, match="7,500 rows, which is no part of a ledger of"):
            build(tmp_path, Plan(rows), quiet=True)
