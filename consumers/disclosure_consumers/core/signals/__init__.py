"""Opt-out preference signals, from the raw text that came to what it asks for (legal 5)."""
