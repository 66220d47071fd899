"""Kafka-protocol brokers and a schema registry that run on this machine alone, for development and tests."""
