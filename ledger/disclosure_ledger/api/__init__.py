"""The HTTP API of the recorder's process, for those without a Kafka client or a shell."""
