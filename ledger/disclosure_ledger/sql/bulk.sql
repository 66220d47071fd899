-- Bulks: what was announced, and what became of the rows. Ids of rows begin with the moment of their bulk, so
-- their range leaves out most of the ledger.

-- name: bulks
-- Every bulk, the latest first; `announcements`: how often it was announced, more than once where resumed.
SELECT
    bulk_id, rows, keys_sha256, emitter, recipient_id, kind, purpose, items, occurred_at AS announced_at,
    (SELECT count(*) FROM bulk AS every WHERE every.bulk_id = bulk.bulk_id) AS announcements
FROM bulk
WHERE status = 'recorded'
ORDER BY occurred_at DESC, bulk_id DESC

-- name: bulk
SELECT
    bulk_id, rows, keys_sha256, emitter, recipient_id, kind, purpose, items, occurred_at AS announced_at,
    (SELECT count(*) FROM bulk WHERE bulk_id = $bulk_id::UUID) AS announcements
FROM bulk
WHERE status = 'recorded' AND bulk_id = $bulk_id::UUID
ORDER BY topic_offset
LIMIT 1

-- name: bulk_outcomes
-- `valid`: how many are an answer still; `valid_until`: of these, when the first ceases to be one.
SELECT
    outcome,
    reason,
    count(*) AS rows,
    count(*) FILTER (valid_until > $now::TIMESTAMP) AS valid,
    min(valid_until) FILTER (valid_until > $now::TIMESTAMP) AS valid_until
FROM decision
WHERE producer_id = $bulk_id::UUID AND event_id BETWEEN $first_id::UUID AND $last_id::UUID
GROUP BY outcome, reason
ORDER BY rows DESC, outcome, reason

-- name: bulk_found
-- How many rows have a decision, and how many have none but a dead letter.
WITH decided AS (
    SELECT DISTINCT sequence FROM decision
    WHERE producer_id = $bulk_id::UUID AND event_id BETWEEN $first_id::UUID AND $last_id::UUID
),
dead AS (
    SELECT DISTINCT sequence FROM dead_letter
    WHERE producer_id = $bulk_id::UUID AND sequence < $rows::BIGINT
)
SELECT
    (SELECT count(*) FROM decided) AS decided,
    (SELECT count(*) FROM dead ANTI JOIN decided USING (sequence)) AS dead_lettered

-- name: bulk_missing
-- Runs of row numbers of which nothing is known, the first of them.
WITH known AS (
    SELECT sequence FROM decision
    WHERE producer_id = $bulk_id::UUID AND event_id BETWEEN $first_id::UUID AND $last_id::UUID
    UNION
    SELECT sequence FROM dead_letter WHERE producer_id = $bulk_id::UUID AND sequence < $rows::BIGINT
    UNION ALL
    SELECT -1::BIGINT
    UNION ALL
    SELECT $rows::BIGINT
),
gap AS (
    SELECT sequence + 1 AS first, lead(sequence) OVER (ORDER BY sequence) - 1 AS last FROM known
)
SELECT first, last FROM gap WHERE last >= first ORDER BY first LIMIT $most

-- name: bulk_permitted
-- Rows that may go whole, by number, as long as their decision is an answer.
SELECT sequence, subject_key, valid_until
FROM decision
WHERE producer_id = $bulk_id::UUID
    AND event_id BETWEEN $first_id::UUID AND $last_id::UUID
    AND sequence >= $first_sequence::BIGINT
    AND outcome IN ('permit', 'out_of_scope')
    AND valid_until > $now::TIMESTAMP
ORDER BY sequence
LIMIT $most

-- name: insert_bulks
INSERT INTO bulk BY NAME SELECT *, $recorded_at::TIMESTAMP AS recorded_at FROM incoming
