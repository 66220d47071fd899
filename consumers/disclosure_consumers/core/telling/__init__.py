"""Decisions in words: reasons, flags, steps, and the story of one decision."""
