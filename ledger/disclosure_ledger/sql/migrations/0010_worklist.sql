-- Who must be told of an opt-out, a limit or a deletion, and what became of it: one row for each thing that
-- happened to an item. An item is the fold of its rows in the order recorded; its id follows from subject,
-- recipient and cause. `disclosures` are what the row is about, so that an item outlives the decisions it is of.
CREATE TABLE worklist_event (
    item_id UUID NOT NULL,
    event_id UUID NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    change VARCHAR NOT NULL,
    "by" VARCHAR NOT NULL,
    subject_key UUID NOT NULL,
    recipient_id VARCHAR NOT NULL,
    cause VARCHAR NOT NULL,
    cause_event_id UUID NOT NULL,
    cause_at TIMESTAMP NOT NULL,
    due_on DATE NOT NULL,
    forward BOOLEAN NOT NULL,
    disclosures STRUCT(
        event_id UUID, occurred_at TIMESTAMP, kind VARCHAR, items VARCHAR[], transaction_id VARCHAR)[] NOT NULL,
    channel VARCHAR,
    next_attempt_at TIMESTAMP,
    evidence STRUCT(
        message_id VARCHAR, payload_sha256 VARCHAR, status INTEGER, place VARCHAR, key_id VARCHAR, answer VARCHAR),
    note VARCHAR,
    recorded_at TIMESTAMP NOT NULL
);

-- Subjects that a completed deletion has reached: reports about them that come later are looked at too.
CREATE TABLE worklist_deleted (
    subject_key UUID NOT NULL
);

-- How far the worklist has read what the recorder recorded, changed in the transaction that brings its rows.
CREATE TABLE worklist_position (
    topic VARCHAR NOT NULL,
    partition INTEGER NOT NULL,
    next_offset BIGINT NOT NULL
);
