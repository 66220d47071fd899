"""Lists of the state deletion platform."""
