"""Metering of a process: counts as plain numbers while it works, Prometheus' form only when it is asked."""
