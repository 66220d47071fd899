"""Reports decided again when what bears on them becomes known later; by appending, never by editing."""
