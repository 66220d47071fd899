"""Kafka: the only rooms of this component that import confluent_kafka."""
