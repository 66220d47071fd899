-- Overviews: one person's time line, recipients, what was stopped, days. The lists count decisions as known now,
-- each event by its last decision; repeats are not in them.

-- name: overview_preferences_of
SELECT event_id, occurred_at, kind, "of", channel, signals
FROM preference
WHERE status = 'recorded'
    AND (list_contains($subject_keys::UUID[], subject_key) OR list_contains($subject_keys::UUID[], account_key));

-- name: overview_links_of
SELECT event_id, occurred_at, action, subject_type, other_subject_type
FROM identity_link
WHERE status = 'recorded'
    AND (list_contains($subject_keys::UUID[], subject_key)
        OR list_contains($subject_keys::UUID[], other_subject_key));

-- name: overview_preference_is_recorded
SELECT EXISTS (SELECT 1 FROM preference WHERE event_id = $event_id::UUID) AS is_recorded;

-- name: overview_counts
-- Decisions of [start, end) by day in California and by what they came to. A request counts when it was decided,
-- a report when it happened. Only those to one recipient where `recipient_id` is given.
WITH happened AS (
    SELECT recipient_id, recipient_name, recipient_category, recipient_role, kind, outcome, reason,
        CASE WHEN mode = 'request' THEN decided_at ELSE occurred_at END AS happened_at
    FROM decision_now
    WHERE outcome NOT IN ('duplicate', 'retracted') AND retracts_event_id IS NULL
        AND ($recipient_id::VARCHAR IS NULL OR recipient_id = $recipient_id::VARCHAR)
)
SELECT
    recipient_id,
    kind,
    outcome,
    reason,
    ((happened_at AT TIME ZONE 'UTC') AT TIME ZONE 'America/Los_Angeles')::DATE AS day,
    arg_max(recipient_name, happened_at) AS recipient_name,
    arg_max(recipient_category, happened_at) AS recipient_category,
    arg_max(recipient_role, happened_at) AS recipient_role,
    count(*) AS events,
    max(happened_at) AS last_at
FROM happened
WHERE happened_at >= $start::TIMESTAMP AND happened_at < $end::TIMESTAMP
GROUP BY recipient_id, kind, outcome, reason, day
ORDER BY recipient_id, day, kind, outcome, reason;

-- name: overview_items_of_recipient
-- What one recipient received or was refused, item by item.
WITH went AS (
    SELECT unnest(items) AS item, outcome IN ('suppress', 'reject') AS is_stopped
    FROM decision_now
    WHERE recipient_id = $recipient_id
        AND outcome NOT IN ('duplicate', 'retracted') AND retracts_event_id IS NULL
        AND CASE WHEN mode = 'request' THEN decided_at ELSE occurred_at END >= $start::TIMESTAMP
        AND CASE WHEN mode = 'request' THEN decided_at ELSE occurred_at END < $end::TIMESTAMP
)
SELECT item, is_stopped, count(*) AS events FROM went
GROUP BY item, is_stopped
ORDER BY events DESC, item;

-- name: overview_stopped
-- What was stopped, or should have been, the latest first.
SELECT event_id, mode, recipient_id, recipient_name, kind, outcome, reason, purpose, emitter, items,
    CASE WHEN mode = 'request' THEN decided_at ELSE occurred_at END AS happened_at
FROM decision_now
WHERE outcome IN ('suppress', 'reject', 'partial', 'notify', 'violation') AND retracts_event_id IS NULL
    AND (len($outcomes::VARCHAR[]) = 0 OR list_contains($outcomes::VARCHAR[], outcome))
    AND ($reason::VARCHAR IS NULL OR reason = $reason::VARCHAR)
    AND ($recipient_id::VARCHAR IS NULL OR recipient_id = $recipient_id::VARCHAR)
    AND CASE WHEN mode = 'request' THEN decided_at ELSE occurred_at END >= $start::TIMESTAMP
    AND CASE WHEN mode = 'request' THEN decided_at ELSE occurred_at END < $end::TIMESTAMP
ORDER BY happened_at DESC, event_id DESC
LIMIT $most;

-- name: overview_dead_letters
SELECT cause, count(*) AS letters, max(failed_at) AS last_at FROM dead_letter GROUP BY cause ORDER BY letters DESC;

-- name: overview_recorded
-- Decisions recorded in each of the last steps of so many seconds before a moment; the steps count from 0.
SELECT floor(epoch(recorded_at - $from_at::TIMESTAMP) / $step_s::INTEGER)::INTEGER AS step, count(*) AS decisions
FROM decision
WHERE recorded_at >= $from_at::TIMESTAMP AND recorded_at < $until_at::TIMESTAMP
GROUP BY step
ORDER BY step;

-- name: overview_look_ups
-- Look-ups by day in California and by result.
SELECT ((asked_at AT TIME ZONE 'UTC') AT TIME ZONE 'America/Los_Angeles')::DATE AS day, result, count(*) AS look_ups
FROM access_log
WHERE asked_at >= $start::TIMESTAMP AND asked_at < $end::TIMESTAMP
GROUP BY day, result
ORDER BY day, result;
