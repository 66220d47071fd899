"""Ledger: records every decision in DuckDB and answers for one person."""
