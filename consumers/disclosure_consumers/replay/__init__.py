"""The log decided again: the same rules must give the same bytes, other rules show what they would change."""
