"""The gate's preference state on disk: a snapshot, and the control topics from there on."""
