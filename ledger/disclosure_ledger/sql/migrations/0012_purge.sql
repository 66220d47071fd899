-- What retention deleted: rows of one month of decided_at, from one place. Append-only.
-- what: decision or repeat. segment, sha256: the sealed file they were in, NULL for rows of hot.duckdb.
CREATE TABLE purge (
    month VARCHAR NOT NULL,
    what VARCHAR NOT NULL,
    row_count BIGINT NOT NULL,
    segment VARCHAR,
    sha256 VARCHAR,
    purged_at TIMESTAMP NOT NULL
);
