"""Vocabulary: Avro schemas, typed events, subject keys, topics and the codec."""
