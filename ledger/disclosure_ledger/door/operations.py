"""The table of operations. Each is written beside what it answers; here they are only named."""

from typing import Any

from disclosure_ledger.bulk.progress import BULK, BULK_PERMITTED, BULKS
from disclosure_ledger.door.operation import Operation
from disclosure_ledger.reality.asking import MATRIX, POLICY_TABLES

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    MATRIX,
    POLICY_TABLES,
    BULKS,
    BULK,
    BULK_PERMITTED,
)
"""Every operation served at the door, by area."""
