"""Proof of conservation (G3): every request ends as exactly one decision or one dead letter."""
