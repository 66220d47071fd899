"""Drills: a running pipeline is broken on purpose, to see which alert fires and that nothing is lost."""
