"""The steps of a decision, one module each."""
