"""What Prometheus is told to compute and to warn of, as values; the files it reads are made of them."""
