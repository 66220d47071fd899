"""Routes of the API, by area."""
