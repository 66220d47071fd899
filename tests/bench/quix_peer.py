"""The peer: Quix Streams 3.x, exactly once. Runs in an environment of its own (its Kafka client is older).

    python quix_peer.py same_decision|bare_filter BOOTSTRAP INPUT OUTPUT EVENTS SCHEMA_FOLDER STOPPED_FILE

`same_decision` does what the gate does, as an application of that framework would: Avro in with fastavro, the
opt-out look-up and the notice's matrix as dictionaries, the decision with the request in it as Avro out.
`bare_filter` neither decodes nor decides: it passes bytes on unless the key is in a set.
"""

import io
import json
import sys
import time
import uuid
from pathlib import Path

import fastavro
from quixstreams import Application

HEADER_BYTES = 10


def main() -> None:
    mode, bootstrap, source, target, events, schemas, stopped_file = sys.argv[1:]
    total, folder = int(events), Path(schemas)
    stopped = {bytes.fromhex(line) for line in Path(stopped_file).read_text().split()}
    requested = fastavro.parse_schema(json.loads((folder / "disclosure_requested.v1.avsc").read_text()))
    decided = fastavro.parse_schema(json.loads((folder / "disclosure_decided.v1.avsc").read_text()))
    declared = {("sale", "identifiers"), ("share", "network_activity"), ("business_purpose", "identifiers")}
    seen = 0
    times = [0.0, 0.0]

    def clock(_topic, _partition, _offset):
        nonlocal seen
        seen += 1
        if seen == 1:
            times[0] = time.perf_counter()
        elif seen == total:
            times[1] = time.perf_counter()

    application = Application(
        broker_address=bootstrap,
        consumer_group=f"quix-{uuid.uuid4().hex}",
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        commit_every=10_000,
        commit_interval=5.0,
        consumer_extra_config={"queued.min.messages": 50_000, "fetch.wait.max.ms": 50},
        producer_extra_config={"linger.ms": 5, "compression.type": "lz4", "batch.size": 1_000_000},
        on_message_processed=clock,
        loglevel="ERROR",
    )
    incoming = application.topic(source, value_deserializer="bytes", key_deserializer="bytes")
    outgoing = application.topic(target, value_serializer="bytes", key_serializer="bytes")
    stream = application.dataframe(incoming)

    def decide(value, key, _timestamp, _headers):
        request = fastavro.schemaless_reader(io.BytesIO(value[HEADER_BYTES:]), requested)
        what = request["disclosure"]
        if any((what["kind"], item["category"]) not in declared for item in what["items"]):
            outcome, reason = "reject", "undeclared_kind"
        elif what["kind"] != "business_purpose" and key in stopped:
            outcome, reason = "suppress", "opted_out_of_sale"
        else:
            outcome, reason = "permit", "not_opted_out"
        now = request["emitted_at"]
        decision = {
            "decided_at": now, "valid_until": now, "rule_version": "1", "registry_hash": bytes(32),
            "preference_state": "current", "preference_offsets": [], "identity_offsets": [],
            "request_partition": 0, "request_offset": 0, "preference_event_ids": [],
            "outcome": outcome, "kind": what["kind"], "reason": reason, "flags": [], "items": [],
            "recipient_name": what["recipient_id"], "recipient_category": None,
            "recipient_role": "third_party",
            "notice_id": "massmutual_workforce_2022", "contract_id": None, "request": request,
        }  # fmt: skip
        out = io.BytesIO()
        out.write(value[:HEADER_BYTES])
        fastavro.schemaless_writer(out, decided, decision)
        return out.getvalue()

    if mode == "same_decision":
        stream = stream.apply(decide, metadata=True)
    else:
        stream = stream.filter(lambda value, key, timestamp, headers: key not in stopped, metadata=True)
    stream.to_topic(outgoing)
    # Timed from the first to the last event processed; the last commit is left out, in the peer's favour.
    application.run(count=total, timeout=120, collect=False)
    if seen < total:
        sys.exit(f"only {seen} of {total} events were processed")
    print(f"{times[1] - times[0]:.6f}", flush=True)


if __name__ == "__main__":
    main()
