-- The register of requests. Heads are receipts: of the register's own requests and of preferences that are
-- requests; what follows a receipt is read for the heads of a page only.

-- name: request_signals
-- Every different signal that was recorded in a period.
SELECT DISTINCT signals, to_json(signals)::VARCHAR AS text
FROM preference
WHERE status = 'recorded' AND kind = 'signal' AND occurred_at < $before::TIMESTAMP;

-- name: request_heads
-- Receipts of a page, the newest first, strictly before the cursor. Of the signals of one device the first that
-- asks for something counts, so older ones must be looked at too.
WITH asking_signal AS (
    SELECT subject_key, event_id, occurred_at, signals, subject_type
    FROM preference
    WHERE status = 'recorded' AND kind = 'signal'
        AND list_contains($asking::VARCHAR[], to_json(signals)::VARCHAR)
),
first_signal AS (
    SELECT subject_key, arg_min(event_id, ROW(occurred_at, event_id)) AS event_id
    FROM asking_signal
    GROUP BY subject_key
),
head AS (
    SELECT request_id, happened_at AS received_at, subject_key, nature, regime, 'register' AS source
    FROM rights_request_event
    WHERE change = 'received'
    UNION ALL
    SELECT event_id, occurred_at, subject_key,
        CASE kind WHEN 'limit_sensitive' THEN 'limit' WHEN 'delete' THEN 'delete' ELSE 'opt_out' END,
        'ccpa', 'preference'
    FROM preference
    WHERE status = 'recorded'
        AND (
            kind IN ('limit_sensitive', 'delete')
            OR (kind = 'program_choice' AND choice = 'withdraws')
            OR (kind = 'opt_out' AND (len("of") = 0
                OR len(list_filter("of", lambda word: word NOT IN ('glba', 'sensitive', 'collection'))) > 0))
        )
    UNION ALL
    SELECT event_id, asking_signal.occurred_at, subject_key,
        CASE WHEN list_contains($limiting::VARCHAR[], to_json(signals)::VARCHAR) THEN 'limit' ELSE 'opt_out' END,
        'ccpa', 'preference'
    FROM asking_signal SEMI JOIN first_signal USING (subject_key, event_id)
)
SELECT request_id, received_at, subject_key, source
FROM head
WHERE (len($natures::VARCHAR[]) = 0 OR list_contains($natures::VARCHAR[], nature))
    AND (len($regimes::VARCHAR[]) = 0 OR list_contains($regimes::VARCHAR[], regime))
    AND (len($subject_keys::UUID[]) = 0 OR list_contains($subject_keys::UUID[], subject_key))
    AND received_at >= $from_at::TIMESTAMP AND received_at < $before::TIMESTAMP
    AND ($cursor_at::TIMESTAMP IS NULL OR (received_at, request_id) < ($cursor_at::TIMESTAMP, $cursor_id::UUID))
    AND (source = 'register' OR request_id NOT IN (
        SELECT preference_event_id FROM rights_request_event
        WHERE change = 'received' AND preference_event_id IS NOT NULL))
ORDER BY received_at DESC, request_id DESC
LIMIT $page_rows;

-- name: request_preferences
-- All that was said by or of these subjects; signals only those that ask for something.
SELECT * FROM preference
WHERE status = 'recorded' AND list_contains($subject_keys::UUID[], subject_key)
    AND kind IN ('opt_out', 'opt_out_denied', 'limit_sensitive', 'complied', 'delete', 'deletion_completed',
        'program_choice', 'signal');

-- name: request_events
-- In the order in which they were recorded.
SELECT * RENAME (happened_at AS "at") FROM rights_request_event
WHERE list_contains($request_ids::UUID[], request_id)
ORDER BY request_id, rowid;

-- name: request_preference
SELECT subject_key FROM preference WHERE status = 'recorded' AND event_id = $request_id::UUID;

-- name: request_bound
-- Whether a request of the register says that this preference is the same request.
SELECT request_id FROM rights_request_event
WHERE change = 'received' AND preference_event_id = $preference_event_id::UUID;

-- name: request_earlier_to_know
SELECT count(*) AS earlier FROM rights_request_event
WHERE change = 'received' AND nature = 'know' AND regime = 'ccpa' AND subject_key = $subject_key::UUID
    AND happened_at >= $from_at::TIMESTAMP AND happened_at < $before::TIMESTAMP;

-- name: insert_request_event
INSERT INTO rights_request_event BY NAME
SELECT $request_id::UUID AS request_id, $event_id::UUID AS event_id, $at::TIMESTAMP AS happened_at, $change AS change,
    $by AS "by", $note AS note, $subject_key::UUID AS subject_key, $subject_type AS subject_type,
    $nature AS nature, $manner AS manner, $regime AS regime, $agent AS agent,
    $agent_permission AS agent_permission, $preference_event_id::UUID AS preference_event_id,
    $verification AS verification, $in_part AS in_part, $basis AS basis, $recorded_at::TIMESTAMP AS recorded_at;

-- name: requests_to_purge
-- Closed requests of the register whose last row is older. One that is also a preference stays as long as that:
-- without its response the preference would look like a request that nobody answered.
SELECT request_id FROM rights_request_event
GROUP BY request_id
HAVING max(happened_at) < $closed_before::TIMESTAMP
    AND bool_or(change = 'received') AND bool_or(change IN ('answered', 'denied', 'withdrawn'))
    AND count(preference_event_id) = 0
    AND (max(happened_at) < $medical_before::TIMESTAMP OR bool_and(regime <> 'hipaa'))
ORDER BY request_id;

-- name: delete_requests
DELETE FROM rights_request_event WHERE list_contains($request_ids::UUID[], request_id);
