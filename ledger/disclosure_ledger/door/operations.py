"""The table of operations. Each is written beside what it answers; here they are only named."""

from typing import Any

from disclosure_ledger.bulk.progress import BULK, BULK_PERMITTED, BULKS
from disclosure_ledger.door.operation import Operation
from disclosure_ledger.exports.copying import SNAPSHOT
from disclosure_ledger.exports.export import EXPORT
from disclosure_ledger.reality.asking import MATRIX, POLICY_TABLES
from disclosure_ledger.reports.operation import REPORT
from disclosure_ledger.requests import operations as requests
from disclosure_ledger.worklist import operations as worklist

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    REPORT,
    MATRIX,
    POLICY_TABLES,
    EXPORT,
    SNAPSHOT,
    *requests.OPERATIONS,
    *worklist.OPERATIONS,
    BULKS,
    BULK,
    BULK_PERMITTED,
)
"""Every operation served at the door, by area."""
