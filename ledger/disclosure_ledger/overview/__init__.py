"""What the ledger shows people who look: one person's time line, recipients, what was stopped, the days."""
