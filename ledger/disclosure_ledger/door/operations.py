"""The table of operations. Each is written beside what it answers; here they are only named."""

from typing import Any

from disclosure_ledger.door.operation import Operation
from disclosure_ledger.exports.copying import SNAPSHOT
from disclosure_ledger.exports.export import EXPORT

OPERATIONS: tuple[Operation[Any, Any], ...] = (EXPORT, SNAPSHOT)
"""Every operation served at the door, by area."""
