"""The table of operations. Each is written beside what it answers; here they are only named."""

from typing import Any

from disclosure_ledger.door.operation import Operation
from disclosure_ledger.requests import operations as requests
from disclosure_ledger.worklist import operations as worklist

OPERATIONS: tuple[Operation[Any, Any], ...] = (*requests.OPERATIONS, *worklist.OPERATIONS)
"""Every operation served at the door, by area."""
