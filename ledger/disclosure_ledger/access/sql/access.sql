-- access.sqlite: digests of keys and one-time logins. Each statement begins with its name.

-- name: configure
PRAGMA journal_mode = WAL;

-- name: create_api_key
CREATE TABLE IF NOT EXISTS api_key (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    roles      TEXT NOT NULL,
    salt       BLOB NOT NULL,
    digest     BLOB NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT
) STRICT;

-- name: create_login
CREATE TABLE IF NOT EXISTS login (
    digest     BLOB PRIMARY KEY,
    name       TEXT NOT NULL,
    roles      TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;

-- name: data_version
-- Changes when another connection or process has changed the file.
PRAGMA data_version;

-- name: keys
SELECT id, name, roles, salt, digest, created_at, expires_at, revoked_at FROM api_key ORDER BY created_at, id;

-- name: add_key
INSERT INTO api_key (id, name, roles, salt, digest, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: revoke_key
UPDATE api_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL;

-- name: add_login
INSERT INTO login (digest, name, roles, expires_at) VALUES (?, ?, ?, ?);

-- name: take_login
-- Deleting is taking: of two that come with the same login one gets it.
DELETE FROM login WHERE digest = ? RETURNING name, roles, expires_at;

-- name: drop_expired_logins
DELETE FROM login WHERE expires_at <= ?;
