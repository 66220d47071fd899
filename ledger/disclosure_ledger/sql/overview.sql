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
