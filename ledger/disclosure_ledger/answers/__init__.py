"""Answers for one person: to whom was the data disclosed, what, when, why, and was it allowed."""
