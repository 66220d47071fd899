-- Bulks: what was announced, and what became of the rows. Ids of rows begin with the moment of their bulk, so
-- their range leaves out most of the ledger. $bulk_ids: the bulks in question; $first_id, $last_id: the range.

-- name: bulks
-- Bulks, the latest first: all, or the one of $bulk_id. `announcements`: how often it was announced, more than
-- once where it was resumed.
SELECT
    bulk_id, rows, keys_sha256, emitter, recipient_id, kind, purpose, items, occurred_at AS announced_at,
    (SELECT count(*) FROM bulk AS every WHERE every.bulk_id = bulk.bulk_id) AS announcements
FROM bulk
WHERE status = 'recorded' AND ($bulk_id::UUID IS NULL OR bulk_id = $bulk_id::UUID)
ORDER BY occurred_at DESC, bulk_id DESC

-- name: bulk_outcomes
-- `valid`: how many may go still; `valid_until`: when the first of these may go no longer. A row that came
-- again and was stopped then may not go, whatever was decided at first.
WITH stopped AS (
    SELECT event_id FROM repeat
    WHERE status = 'already_recorded' AND outcome NOT IN ('permit', 'out_of_scope')
        AND event_id BETWEEN $first_id::UUID AND $last_id::UUID
),
counted AS (
    SELECT
        producer_id,
        outcome,
        reason,
        valid_until,
        valid_until > $now::TIMESTAMP AND event_id NOT IN (SELECT event_id FROM stopped) AS is_valid
    FROM decision
    WHERE producer_id IN (SELECT unnest($bulk_ids::UUID[]))
        AND event_id BETWEEN $first_id::UUID AND $last_id::UUID
)
SELECT
    producer_id AS bulk_id,
    outcome,
    reason,
    count(*) AS rows,
    count(*) FILTER (is_valid) AS valid,
    min(valid_until) FILTER (is_valid) AS valid_until
FROM counted
GROUP BY ALL
ORDER BY rows DESC, outcome, reason

-- name: bulk_dead_letters
-- How many rows have a dead letter and no decision.
WITH dead AS (
    SELECT DISTINCT dead_letter.producer_id, dead_letter.sequence FROM dead_letter
    JOIN bulk ON bulk.bulk_id = dead_letter.producer_id AND dead_letter.sequence < bulk.rows
    WHERE bulk.bulk_id IN (SELECT unnest($bulk_ids::UUID[]))
),
decided AS (
    SELECT producer_id, sequence FROM decision
    WHERE producer_id IN (SELECT producer_id FROM dead)
        AND event_id BETWEEN $first_id::UUID AND $last_id::UUID
)
SELECT producer_id AS bulk_id, count(*) AS rows
FROM dead ANTI JOIN decided USING (producer_id, sequence)
GROUP BY ALL

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
-- Rows that may go whole, by number: their decision is an answer still, and they were not stopped since.
SELECT sequence, subject_key, valid_until
FROM decision
WHERE producer_id = $bulk_id::UUID
    AND event_id BETWEEN $first_id::UUID AND $last_id::UUID
    AND sequence >= $first_sequence::BIGINT
    AND outcome IN ('permit', 'out_of_scope')
    AND valid_until > $now::TIMESTAMP
    AND event_id NOT IN (
        SELECT event_id FROM repeat
        WHERE status = 'already_recorded' AND outcome NOT IN ('permit', 'out_of_scope')
            AND event_id BETWEEN $first_id::UUID AND $last_id::UUID
    )
ORDER BY sequence
LIMIT $most

-- name: insert_bulks
INSERT INTO bulk BY NAME SELECT *, $recorded_at::TIMESTAMP AS recorded_at FROM incoming
