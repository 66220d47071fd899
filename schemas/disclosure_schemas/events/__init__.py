"""Typed values, one for each Avro record in `avro/`; kept equal to the schemas by a test."""
