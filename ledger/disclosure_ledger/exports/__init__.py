"""Exports for other programs, and read-only copies of the ledger."""
