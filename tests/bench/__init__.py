"""Benchmarks: ratios against named peers and bounds, measured in one run."""
