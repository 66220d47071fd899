"""Ways in which a recipient is told: webhook, Kafka topic, files."""
