"""`disclosures version`."""

import platform
from importlib import metadata

from disclosure_ledger.cli.output import JsonFlag, print_json, print_table, say

_LIBRARIES = ("confluent-kafka", "fastavro", "pydantic", "duckdb", "pyarrow", "noida-db")


def version(*, as_json: JsonFlag = False) -> None:
    """Print the versions of the product, its rules and its schemas.

    Every decision in the ledger carries the rule version; every event carries the fingerprint of its schema.
    """
    from disclosure_consumers.core.verdict import RULE_VERSION  # noqa: PLC0415
    from disclosure_schemas import schema_files  # noqa: PLC0415
    from disclosure_schemas.codec import schema_fingerprint  # noqa: PLC0415 - loads fastavro
    from disclosure_schemas.topics import TOPICS  # noqa: PLC0415

    product = metadata.version("disclosure-ledger")
    schemas = [
        {
            "record": topic.record,
            "version": number,
            "fingerprint": schema_fingerprint(schema_files.schema(topic.record, number)).hex(),
        }
        for topic in TOPICS
        for number in schema_files.versions(topic.record)
    ]
    libraries = {"python": platform.python_version(), **{name: _installed(name) for name in _LIBRARIES}}
    if as_json:
        print_json(
            {"product": product, "rule_version": RULE_VERSION, "schemas": schemas, "libraries": libraries}
        )
        return
    say(f"disclosure-ledger {product}, rules {RULE_VERSION}")
    say()
    print_table(
        ("Schema", "Version", "Fingerprint (CRC-64-AVRO)"),
        [(entry["record"], entry["version"], entry["fingerprint"]) for entry in schemas],
    )
    say()
    print_table(
        ("Library", "Version"), [(name, found or "not installed") for name, found in libraries.items()]
    )


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
