"""Decision core: pure functions over frozen values; no I/O, no clock, no chance."""
