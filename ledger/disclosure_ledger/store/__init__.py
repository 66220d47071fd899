"""Storage: the only place that imports duckdb."""
