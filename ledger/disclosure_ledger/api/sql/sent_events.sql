-- Event ids that callers of the API chose. Each statement begins with its name.

-- name: configure
PRAGMA journal_mode = WAL;

-- name: relax
-- A commit that a power cut undoes costs no more than a repeat, which the recorder finds.
PRAGMA synchronous = NORMAL;

-- name: create
CREATE TABLE IF NOT EXISTS sent_event (
    event_id  BLOB PRIMARY KEY,
    digest    BLOB NOT NULL,
    settled   INTEGER NOT NULL DEFAULT 0,
    partition INTEGER,
    at_offset INTEGER,
    sent_at   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- name: claim
INSERT INTO sent_event (event_id, digest, sent_at) VALUES (?, ?, ?)
ON CONFLICT DO NOTHING RETURNING digest, settled, partition, at_offset;

-- name: known
SELECT digest, settled, partition, at_offset FROM sent_event WHERE event_id = ?;

-- name: settle
UPDATE sent_event SET settled = 1, partition = ?, at_offset = ? WHERE event_id = ?;

-- name: release
DELETE FROM sent_event WHERE event_id = ? AND settled = 0;

-- name: forget
DELETE FROM sent_event WHERE sent_at < ?;
