"""Bulks: one disclosure of many people, read from a file, followed, and its permitted rows handed out."""
