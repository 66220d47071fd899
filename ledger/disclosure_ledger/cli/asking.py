"""Asking one operation: of the running recorder, or of the ledger's folder where none runs."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from disclosure_ledger.door.operation import A, B, Operation


def asked(operation: "Operation[B, A]", body: "B") -> "A":
    """Answer of an operation on the ledger of the settings (DISCLOSURE_LEDGER_DIR)."""
    from disclosure_ledger.door.opening import open_reader  # noqa: PLC0415 - loads DuckDB
    from disclosure_ledger.settings import LedgerSettings  # noqa: PLC0415

    settings = LedgerSettings()
    with open_reader(
        settings.dir, retention_months=settings.retention_months, to_change=operation.writes
    ) as reader:
        return reader.ask(operation, body)
