"""The gate in process: the decision core over a local replica of the preference state."""
