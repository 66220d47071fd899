-- What repeats from decision to decision is kept once, under a number that is never used again: by what the gate
-- decided, what it ruled, what was disclosed to whom, and by which producer. A row has the numbers. One person's
-- rows are then few narrow columns, and sorting and merging files moves a third of the bytes.
-- Sealed files written before stay as they are (layout 1) until they are merged.

CREATE TABLE basis (
    number BIGINT NOT NULL,
    rule_version VARCHAR NOT NULL,
    registry_hash BLOB NOT NULL,
    preference_state VARCHAR NOT NULL,
    preference_offsets BIGINT[] NOT NULL,
    identity_offsets BIGINT[] NOT NULL
);

CREATE TABLE ruling (
    number BIGINT NOT NULL,
    outcome VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    flags VARCHAR[] NOT NULL,
    item_decisions STRUCT(item INTEGER, outcome VARCHAR, kind VARCHAR, reason VARCHAR)[] NOT NULL,
    recipient_name VARCHAR,
    recipient_category VARCHAR,
    recipient_role VARCHAR NOT NULL,
    notice_id VARCHAR,
    contract_id VARCHAR
);

CREATE TABLE content (
    number BIGINT NOT NULL,
    mode VARCHAR NOT NULL,
    declared_kind VARCHAR NOT NULL,
    recipient_id VARCHAR NOT NULL,
    purpose VARCHAR NOT NULL,
    items VARCHAR[] NOT NULL,
    pi_categories VARCHAR[] NOT NULL,
    emitter VARCHAR NOT NULL,
    subject_type VARCHAR NOT NULL,
    -- Avro bytes of the nested Disclosure, of which the other columns follow: every field is reproducible.
    disclosure BLOB NOT NULL
);

CREATE TABLE producer (
    number BIGINT NOT NULL,
    producer_id UUID NOT NULL
);

-- Decisions of the current period in the order they came. Read the view `decision`, which has all there are.
CREATE TABLE hot_decision_row (
    event_id UUID NOT NULL,
    subject_key UUID NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    emitted_at TIMESTAMP NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    valid_until TIMESTAMP NOT NULL,
    sequence BIGINT NOT NULL,
    request_partition INTEGER NOT NULL,
    request_offset BIGINT NOT NULL,
    decided_partition INTEGER NOT NULL,
    decided_offset BIGINT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    producer BIGINT NOT NULL,
    basis BIGINT NOT NULL,
    ruling BIGINT NOT NULL,
    content BIGINT NOT NULL,
    preference_event_ids UUID[] NOT NULL,
    collected_at TIMESTAMP,
    decision_event_id UUID,
    corrects_event_id UUID,
    retracts_event_id UUID,
    transaction_id VARCHAR,
    linked_subject_keys UUID[] NOT NULL
);

INSERT INTO basis
SELECT row_number() OVER (), *
FROM (
    SELECT DISTINCT rule_version, registry_hash, preference_state, preference_offsets, identity_offsets
    FROM hot_decision
);

INSERT INTO ruling
SELECT row_number() OVER (), *
FROM (
    SELECT DISTINCT outcome, kind, reason, flags, item_decisions, recipient_name, recipient_category,
        recipient_role, notice_id, contract_id
    FROM hot_decision
);

INSERT INTO content
SELECT row_number() OVER (), *
FROM (
    SELECT DISTINCT mode, declared_kind, recipient_id, purpose, items, pi_categories, emitter, subject_type,
        disclosure
    FROM hot_decision
);

INSERT INTO producer SELECT row_number() OVER (), * FROM (SELECT DISTINCT producer_id FROM hot_decision);

INSERT INTO hot_decision_row
SELECT d.event_id, d.subject_key, d.occurred_at, d.emitted_at, d.decided_at, d.valid_until, d.sequence,
    d.request_partition, d.request_offset, d.decided_partition, d.decided_offset, d.recorded_at,
    p.number, b.number, r.number, c.number, d.preference_event_ids, d.collected_at, d.decision_event_id,
    d.corrects_event_id, d.retracts_event_id, d.transaction_id, d.linked_subject_keys
FROM hot_decision AS d
JOIN producer AS p ON p.producer_id = d.producer_id
JOIN basis AS b ON (b.rule_version, b.registry_hash, b.preference_state, b.preference_offsets, b.identity_offsets)
    = (d.rule_version, d.registry_hash, d.preference_state, d.preference_offsets, d.identity_offsets)
JOIN ruling AS r ON ROW(r.outcome, r.kind, r.reason, r.flags, r.item_decisions, r.recipient_name,
        r.recipient_category, r.recipient_role, r.notice_id, r.contract_id)
    IS NOT DISTINCT FROM ROW(d.outcome, d.kind, d.reason, d.flags, d.item_decisions, d.recipient_name,
        d.recipient_category, d.recipient_role, d.notice_id, d.contract_id)
JOIN content AS c ON (c.disclosure, c.items, c.pi_categories, c.mode, c.declared_kind, c.recipient_id, c.purpose,
        c.emitter, c.subject_type)
    = (d.disclosure, d.items, d.pi_categories, d.mode, d.declared_kind, d.recipient_id, d.purpose,
        d.emitter, d.subject_type)
ORDER BY d.recorded_at, d.decided_partition, d.decided_offset;

DROP TABLE hot_decision;

CREATE VIEW hot_decision AS
SELECT d.event_id, d.subject_key, c.subject_type, c.mode, c.recipient_id, r.recipient_name, r.recipient_category,
    r.recipient_role, c.declared_kind, r.kind, c.purpose, c.emitter, c.items, c.pi_categories, r.item_decisions,
    d.occurred_at, d.emitted_at, d.decided_at, d.valid_until, r.outcome, r.reason, r.flags, r.notice_id,
    r.contract_id, b.rule_version, b.registry_hash, b.preference_state, b.preference_offsets, b.identity_offsets,
    d.preference_event_ids, d.decision_event_id, d.corrects_event_id, d.retracts_event_id, d.transaction_id,
    d.collected_at, d.linked_subject_keys, p.producer_id, d.sequence, d.request_partition, d.request_offset,
    d.decided_partition, d.decided_offset, d.recorded_at, c.disclosure
FROM hot_decision_row AS d
JOIN content AS c ON c.number = d.content
JOIN ruling AS r ON r.number = d.ruling
JOIN basis AS b ON b.number = d.basis
JOIN producer AS p ON p.number = d.producer;

-- 1: one wide table `decision`; 2: rows, parts and a view `decision`.
ALTER TABLE segment ADD COLUMN layout INTEGER DEFAULT 1;
