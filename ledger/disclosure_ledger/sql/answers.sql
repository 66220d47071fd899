-- Questions about one person. The rows themselves come from `rows_of_subject`.

-- name: subject_is_known
-- Whether any preference or identity link that was known by a moment names one of the keys.
SELECT
    EXISTS (
        SELECT 1 FROM preference
        WHERE recorded_at <= $known_at::TIMESTAMP
            AND (
                list_contains($subject_keys::UUID[], subject_key)
                OR list_contains($subject_keys::UUID[], account_key)
            )
    )
    OR EXISTS (
        SELECT 1 FROM identity_link
        WHERE recorded_at <= $known_at::TIMESTAMP
            AND (
                list_contains($subject_keys::UUID[], subject_key)
                OR list_contains($subject_keys::UUID[], other_subject_key)
            )
    ) AS known
