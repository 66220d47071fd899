"""Scenarios: small tests of a disclosure policy in YAML, read, checked, played through the core, compared."""
