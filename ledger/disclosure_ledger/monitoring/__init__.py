"""What Prometheus is told to compute and to warn of, and a Prometheus of our own for drills and tests."""
