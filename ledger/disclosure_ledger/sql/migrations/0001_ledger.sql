-- The ledger's tables. No primary keys and no indexes: an ART index slows the recorder fourfold, grows the
-- file by half and is not used under ORDER BY ... LIMIT. Sealed segments are sorted by subject instead.
-- Times are UTC without a zone, in microseconds. Enumerations are VARCHAR: DuckDB cannot add a symbol to an
-- ENUM, and dictionary compression makes the size equal.

-- Decisions of the current period in the order they came; older ones are in the files of segments/.
-- Read the view `decision`, which has all of them.
CREATE TABLE hot_decision (
    event_id UUID NOT NULL,
    subject_key UUID NOT NULL,
    subject_type VARCHAR NOT NULL,
    mode VARCHAR NOT NULL,
    recipient_id VARCHAR NOT NULL,
    recipient_name VARCHAR,
    recipient_category VARCHAR,
    recipient_role VARCHAR NOT NULL,
    declared_kind VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    purpose VARCHAR NOT NULL,
    emitter VARCHAR NOT NULL,
    items VARCHAR[] NOT NULL,
    pi_categories VARCHAR[] NOT NULL,
    item_decisions STRUCT(item INTEGER, outcome VARCHAR, kind VARCHAR, reason VARCHAR)[] NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    emitted_at TIMESTAMP NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    valid_until TIMESTAMP NOT NULL,
    outcome VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    flags VARCHAR[] NOT NULL,
    notice_id VARCHAR,
    contract_id VARCHAR,
    rule_version VARCHAR NOT NULL,
    registry_hash BLOB NOT NULL,
    preference_state VARCHAR NOT NULL,
    preference_offsets BIGINT[] NOT NULL,
    identity_offsets BIGINT[] NOT NULL,
    preference_event_ids UUID[] NOT NULL,
    decision_event_id UUID,
    corrects_event_id UUID,
    retracts_event_id UUID,
    transaction_id VARCHAR,
    collected_at TIMESTAMP,
    linked_subject_keys UUID[] NOT NULL,
    producer_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    request_partition INTEGER NOT NULL,
    request_offset BIGINT NOT NULL,
    decided_partition INTEGER NOT NULL,
    decided_offset BIGINT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    -- Avro bytes of the nested Disclosure: few distinct values, so nearly free, and every field is reproducible.
    disclosure BLOB NOT NULL
);

-- Replaced whenever a segment comes or goes, in the same transaction.
CREATE VIEW decision AS SELECT * FROM hot_decision;

-- Decisions whose event_id was recorded before: kept with the content they came with, never counted twice.
-- status: already_recorded (same request content) or already_recorded_with_different_content.
CREATE TABLE repeat (
    status VARCHAR NOT NULL,
    event_id UUID NOT NULL,
    subject_key UUID NOT NULL,
    outcome VARCHAR NOT NULL,
    recipient_id VARCHAR NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    emitted_at TIMESTAMP NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    producer_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    request_partition INTEGER NOT NULL,
    request_offset BIGINT NOT NULL,
    decided_partition INTEGER NOT NULL,
    decided_offset BIGINT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    disclosure BLOB NOT NULL
);

-- status: recorded, or what `repeat` says; a preference sent twice is two rows, of which one is recorded.
CREATE TABLE preference (
    status VARCHAR NOT NULL,
    event_id UUID NOT NULL,
    subject_key UUID NOT NULL,
    producer_id UUID NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    emitted_at TIMESTAMP NOT NULL,
    sequence BIGINT NOT NULL,
    kind VARCHAR NOT NULL,
    subject_type VARCHAR NOT NULL,
    "of" VARCHAR[] NOT NULL,
    purposes VARCHAR[] NOT NULL,
    recipient_ids VARCHAR[] NOT NULL,
    elements VARCHAR[] NOT NULL,
    channel VARCHAR NOT NULL,
    global_option_offered BOOLEAN NOT NULL,
    agent_permission VARCHAR,
    verified BOOLEAN NOT NULL,
    processed_at TIMESTAMP,
    expires_at TIMESTAMP,
    method VARCHAR,
    prompted BOOLEAN NOT NULL,
    informed_of_signal BOOLEAN NOT NULL,
    documented BOOLEAN NOT NULL,
    requestor_told BOOLEAN NOT NULL,
    transaction_id VARCHAR,
    program VARCHAR,
    choice VARCHAR,
    action VARCHAR,
    signals STRUCT(gpc VARCHAR[], gpp VARCHAR, usp VARCHAR, dnt VARCHAR) NOT NULL,
    account_key UUID,
    age_band VARCHAR,
    willful_disregard BOOLEAN NOT NULL,
    region VARCHAR,
    drop_list VARCHAR,
    drop_id VARCHAR,
    all_exempt BOOLEAN NOT NULL,
    topic_partition INTEGER NOT NULL,
    topic_offset BIGINT NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

CREATE TABLE identity_link (
    status VARCHAR NOT NULL,
    event_id UUID NOT NULL,
    subject_key UUID NOT NULL,
    producer_id UUID NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    emitted_at TIMESTAMP NOT NULL,
    sequence BIGINT NOT NULL,
    action VARCHAR NOT NULL,
    subject_type VARCHAR NOT NULL,
    other_subject_key UUID NOT NULL,
    other_subject_type VARCHAR NOT NULL,
    cause VARCHAR NOT NULL,
    topic_partition INTEGER NOT NULL,
    topic_offset BIGINT NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

-- Where each dead letter came from and where it sits; its bytes stay in the dead-letter topic.
-- original_topic is the topic's name on the broker as the gate wrote it.
CREATE TABLE dead_letter (
    original_topic VARCHAR NOT NULL,
    original_partition INTEGER NOT NULL,
    original_offset BIGINT NOT NULL,
    cause VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    consumer VARCHAR NOT NULL,
    failed_at TIMESTAMP NOT NULL,
    topic_partition INTEGER NOT NULL,
    topic_offset BIGINT NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

-- Records of the recorder's own topics that it could not read, with their bytes.
CREATE TABLE unreadable (
    topic VARCHAR NOT NULL,
    topic_partition INTEGER NOT NULL,
    topic_offset BIGINT NOT NULL,
    cause VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    key BLOB,
    value BLOB,
    recorded_at TIMESTAMP NOT NULL
);

-- The recorder's position, changed in the transaction that brings the rows. `topic` is the name of the table of
-- topics, without the prefix a broker may need.
CREATE TABLE kafka_offset (
    topic VARCHAR NOT NULL,
    partition INTEGER NOT NULL,
    next_offset BIGINT NOT NULL
);

-- Sealed files, read-only, sorted by (subject_key, occurred_at). `period` is the month (2026-11) or year (2026)
-- of decided_at. `id_minutes` are the runs of minutes since 1970 in which event ids of the segment were made.
CREATE TABLE segment (
    name VARCHAR NOT NULL,
    level INTEGER NOT NULL,
    period VARCHAR NOT NULL,
    row_count BIGINT NOT NULL,
    file_bytes BIGINT NOT NULL,
    sha256 VARCHAR NOT NULL,
    first_event_id UUID NOT NULL,
    last_event_id UUID NOT NULL,
    id_minutes STRUCT(first BIGINT, last BIGINT)[] NOT NULL,
    first_occurred_at TIMESTAMP NOT NULL,
    last_occurred_at TIMESTAMP NOT NULL,
    sealed_at TIMESTAMP NOT NULL
);
