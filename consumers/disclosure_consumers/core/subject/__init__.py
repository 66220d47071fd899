"""What was said about a subject, what of it has reached the subject, and what holds at a moment."""
