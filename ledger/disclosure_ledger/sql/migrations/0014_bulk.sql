-- Bulks as they were announced. The rows of a bulk are decisions whose producer_id is the bulk's id; nothing
-- else is kept of who belongs to it. status as in `preference`: a bulk that was resumed is announced again.
-- A bulk goes with the month of occurred_at, which is noted in `purge` with what = bulk.
CREATE TABLE bulk (
    status VARCHAR NOT NULL,
    event_id UUID NOT NULL,
    bulk_id UUID NOT NULL,
    producer_id UUID NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    emitted_at TIMESTAMP NOT NULL,
    sequence BIGINT NOT NULL,
    rows BIGINT NOT NULL,
    keys_sha256 BLOB NOT NULL,
    emitter VARCHAR NOT NULL,
    recipient_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    purpose VARCHAR NOT NULL,
    items VARCHAR[] NOT NULL,
    disclosure BLOB NOT NULL,
    topic_partition INTEGER NOT NULL,
    topic_offset BIGINT NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

-- Which event of which producer a dead letter was, where the beginning of its bytes still says so.
ALTER TABLE dead_letter ADD COLUMN producer_id UUID;
ALTER TABLE dead_letter ADD COLUMN sequence BIGINT;
