"""The pages of the console, by task."""
