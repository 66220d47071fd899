"""Notice against reality: what the published notice declares beside what the ledger saw (legal 2.2.5)."""
