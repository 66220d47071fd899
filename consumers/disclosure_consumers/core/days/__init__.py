"""Business days, calendar days and deadlines."""
