-- What was said about one person and those linked to the person, for reports.

-- name: preferences_said_of
SELECT * EXCLUDE (status, topic_partition, topic_offset, recorded_at)
FROM preference
WHERE status = 'recorded'
    AND (
        list_contains($subject_keys::UUID[], subject_key) OR list_contains($subject_keys::UUID[], account_key)
    )
    AND ($known_at::TIMESTAMP IS NULL OR recorded_at <= $known_at::TIMESTAMP)
ORDER BY occurred_at, event_id;

-- name: links_said_of
SELECT * EXCLUDE (status, topic_partition, topic_offset, recorded_at)
FROM identity_link
WHERE status = 'recorded'
    AND (
        list_contains($subject_keys::UUID[], subject_key)
        OR list_contains($subject_keys::UUID[], other_subject_key)
    )
    AND ($known_at::TIMESTAMP IS NULL OR recorded_at <= $known_at::TIMESTAMP)
ORDER BY occurred_at, event_id
