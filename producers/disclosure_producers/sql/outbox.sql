-- An outbox file: events the broker has not acknowledged yet, in the order in which they were accepted.
-- Each statement begins with its name.

-- name: configure
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;

-- name: create_event
CREATE TABLE IF NOT EXISTS event (
    row   INTEGER PRIMARY KEY,
    key   BLOB NOT NULL,
    value BLOB NOT NULL
);

-- name: create_refused
CREATE TABLE IF NOT EXISTS refused (
    row    INTEGER PRIMARY KEY,
    key    BLOB NOT NULL,
    value  BLOB NOT NULL,
    reason TEXT NOT NULL
);

-- name: check
PRAGMA quick_check(1);

-- name: count
SELECT count(*), coalesce(sum(length(value)), 0), coalesce(max(row), 0) FROM event;

-- name: count_refused
SELECT count(*) FROM refused;

-- name: add
INSERT INTO event (row, key, value) VALUES (?, ?, ?);

-- name: after
SELECT row, key, value FROM event WHERE row > ? ORDER BY row LIMIT ?;

-- name: remove
DELETE FROM event WHERE row = ?;

-- name: copy_refused
INSERT OR REPLACE INTO refused (row, key, value, reason) SELECT row, key, value, ? FROM event WHERE row = ?;
