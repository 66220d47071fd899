"""The door: how other processes ask the ledger while a recorder owns its files."""
