-- The log of look-ups. Its rows are only ever added.

-- name: insert_access
INSERT INTO access_log BY NAME
SELECT
    $request_id::UUID AS request_id, $asked_at::TIMESTAMP AS asked_at, $who AS who, $means AS means,
    $roles::VARCHAR[] AS roles, $route AS route, $purpose AS purpose, $result AS result,
    $subject_keys::UUID[] AS subject_keys, $event_id::UUID AS event_id;

-- name: access_page
-- The newest first; `before` is where the last page ended.
SELECT request_id, asked_at, who, means, roles, route, purpose, result, subject_keys, event_id
FROM access_log
WHERE ($who::VARCHAR IS NULL OR who = $who::VARCHAR)
    AND ($result::VARCHAR IS NULL OR result = $result::VARCHAR)
    AND ($subject_key::UUID IS NULL OR list_contains(subject_keys, $subject_key::UUID))
    AND ($from_at::TIMESTAMP IS NULL OR asked_at >= $from_at::TIMESTAMP)
    AND ($until_at::TIMESTAMP IS NULL OR asked_at < $until_at::TIMESTAMP)
    AND ($before_at::TIMESTAMP IS NULL
        OR (asked_at, request_id) < ($before_at::TIMESTAMP, $before_id::UUID))
ORDER BY asked_at DESC, request_id DESC
LIMIT $most;
