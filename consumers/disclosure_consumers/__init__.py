"""Gate: decides every disclosure in the stream, inside Kafka transactions."""
