"""The table of metrics: every series a process of this project exposes, as plain values."""
