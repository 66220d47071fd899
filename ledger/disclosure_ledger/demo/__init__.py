"""The demonstration: a believable stream under one notice, and what the ledger then says."""
