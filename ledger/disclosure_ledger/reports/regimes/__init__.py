"""What each law wants in a report; one module a law."""
