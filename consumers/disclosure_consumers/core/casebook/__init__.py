"""Everything that has arrived, and what is decided of it in the end."""
