-- Reports that were decided again because something that bears on them became known later. A row says what was
-- found in place of the report's row in `decision`, or of its last row here; neither is ever changed.
CREATE TABLE redecision (
    event_id UUID NOT NULL,
    subject_key UUID NOT NULL,
    outcome VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    flags VARCHAR[] NOT NULL,
    item_decisions STRUCT(item INTEGER, outcome VARCHAR, kind VARCHAR, reason VARCHAR)[] NOT NULL,
    recipient_name VARCHAR,
    recipient_category VARCHAR,
    recipient_role VARCHAR NOT NULL,
    notice_id VARCHAR,
    contract_id VARCHAR,
    preference_event_ids UUID[] NOT NULL,
    rule_version VARCHAR NOT NULL,
    registry_hash BLOB NOT NULL,
    -- What was known: the ledger's next offsets of both control topics, by partition.
    preference_offsets BIGINT[] NOT NULL,
    identity_offsets BIGINT[] NOT NULL,
    -- What became known: preferences, links, and the request whose answer the report ignored.
    cause_event_ids UUID[] NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

-- How far records were looked at for what they change; `topic` as in kafka_offset. Changed in the transaction
-- that brings the redecisions.
CREATE TABLE reevaluated (
    topic VARCHAR NOT NULL,
    partition INTEGER NOT NULL,
    next_offset BIGINT NOT NULL
);

-- Requests that reports say they follow and that were not recorded when the report was; gone once they are.
CREATE TABLE awaited_request (
    event_id UUID NOT NULL,
    report_event_id UUID NOT NULL
);

-- Every decision as known at a moment (UTC, without a zone): what was recorded by then, each report as it was
-- last decided by then.
CREATE MACRO decision_known(known_at) AS TABLE
WITH latest AS (
    SELECT * FROM redecision
    WHERE recorded_at <= known_at
    QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY recorded_at DESC, rowid DESC) = 1
)
SELECT d.* REPLACE (
    CASE WHEN r.event_id IS NULL THEN d.recipient_name ELSE r.recipient_name END AS recipient_name,
    CASE WHEN r.event_id IS NULL THEN d.recipient_category ELSE r.recipient_category END AS recipient_category,
    coalesce(r.recipient_role, d.recipient_role) AS recipient_role,
    coalesce(r.kind, d.kind) AS kind,
    coalesce(r.item_decisions, d.item_decisions) AS item_decisions,
    coalesce(r.decided_at, d.decided_at) AS decided_at,
    coalesce(r.outcome, d.outcome) AS outcome,
    coalesce(r.reason, d.reason) AS reason,
    coalesce(r.flags, d.flags) AS flags,
    CASE WHEN r.event_id IS NULL THEN d.notice_id ELSE r.notice_id END AS notice_id,
    CASE WHEN r.event_id IS NULL THEN d.contract_id ELSE r.contract_id END AS contract_id,
    coalesce(r.rule_version, d.rule_version) AS rule_version,
    coalesce(r.registry_hash, d.registry_hash) AS registry_hash,
    coalesce(r.preference_offsets, d.preference_offsets) AS preference_offsets,
    coalesce(r.identity_offsets, d.identity_offsets) AS identity_offsets,
    coalesce(r.preference_event_ids, d.preference_event_ids) AS preference_event_ids
)
FROM decision AS d
LEFT JOIN latest AS r ON r.event_id = d.event_id
WHERE d.recorded_at <= known_at;

-- The same as known now. `decision` stays what the gate decided first.
CREATE VIEW decision_now AS SELECT * FROM decision_known('infinity'::TIMESTAMP);
