"""What an answer makes of one row of the view `decision`."""

from datetime import datetime

from disclosure_ledger.store.rows import DecisionRow
from disclosure_schemas.events.vocabulary import Mode

UNREGISTERED = "unregistered"
"""Stands for the category of a recipient that was not in the registry."""


def happened_at(row: DecisionRow) -> datetime:
    """When the disclosure was made; for a request the earliest moment, which is that of the decision."""
    return row.decided_at if row.mode == Mode.REQUEST else row.occurred_at
