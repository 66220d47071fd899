-- What the ledger knows of one event. Event ids are no sort key, so the view is read whole, column by column.

-- name: decisions_around_event
-- The decisions of these events, and those that correct, retract or report the one that is asked for.
SELECT {columns} FROM decision
WHERE recorded_at <= $known_at::TIMESTAMP
    AND (
        list_contains($event_ids::UUID[], event_id)
        OR corrects_event_id = $event_id::UUID
        OR retracts_event_id = $event_id::UUID
        OR decision_event_id = $event_id::UUID
    );

-- name: repeats_of_event
SELECT status, outcome, decided_at FROM repeat
WHERE event_id = $event_id::UUID AND recorded_at <= $known_at::TIMESTAMP
ORDER BY decided_at;

-- name: preferences_by_id
SELECT event_id, kind, "of", channel, occurred_at, processed_at FROM preference
WHERE status = 'recorded' AND list_contains($event_ids::UUID[], event_id)
    AND recorded_at <= $known_at::TIMESTAMP;

-- name: causes_by_id
-- Preferences and links that made a report be decided again.
SELECT event_id, kind, occurred_at, recorded_at FROM preference
WHERE status = 'recorded' AND list_contains($event_ids::UUID[], event_id)
    AND recorded_at <= $known_at::TIMESTAMP
UNION ALL
SELECT event_id, action, occurred_at, recorded_at FROM identity_link
WHERE status = 'recorded' AND list_contains($event_ids::UUID[], event_id)
    AND recorded_at <= $known_at::TIMESTAMP;

-- name: where_else_is_event
-- Whether an id is that of something else, and how far the ledger is.
SELECT
    EXISTS (
        SELECT 1 FROM preference WHERE event_id = $event_id::UUID AND recorded_at <= $known_at::TIMESTAMP
    ) AS is_preference,
    EXISTS (
        SELECT 1 FROM identity_link WHERE event_id = $event_id::UUID AND recorded_at <= $known_at::TIMESTAMP
    ) AS is_link,
    (SELECT max(decided_at) FROM decision WHERE recorded_at <= $known_at::TIMESTAMP) AS last_decided_at
