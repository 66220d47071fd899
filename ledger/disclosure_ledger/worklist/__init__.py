"""Who must be told of an opt-out, a limit or a deletion, and what became of it (11 CCR 7026(f)(2), 7027)."""
