-- Questions of the audit (G3). Each reads narrow columns once; nothing here sorts or hashes offsets: a bitmap
-- (one bit an offset, exact) tells how many different offsets there are and which are missing.
--
-- {told}: (partition, "offset", source) of every row that tells what became of a request.
-- $ends: for partition p, $ends[p + 1] is the offset up to which requests count; a partition the broker does
-- not have gives NULL, and its rows are not counted.

-- name: audit_told
SELECT request_partition AS partition, request_offset AS "offset", 'decision' AS source FROM decision_row
UNION ALL
SELECT request_partition, request_offset, 'repeat' FROM repeat
UNION ALL
SELECT original_partition, original_offset, 'dead_letter' FROM dead_letter WHERE original_topic = $topic

-- name: audit_counts
SELECT
    partition,
    count(*) FILTER (source = 'decision' AND "offset" < ($ends::BIGINT[])[partition + 1]) AS decisions,
    count(*) FILTER (source = 'repeat' AND "offset" < ($ends::BIGINT[])[partition + 1]) AS repeats,
    count(*) FILTER (source = 'dead_letter' AND "offset" < ($ends::BIGINT[])[partition + 1]) AS dead_letters,
    min("offset") AS lowest,
    max("offset") AS highest
FROM ({told})
GROUP BY partition
ORDER BY partition

-- name: audit_bitmaps
-- $low and $high are multiples of 8 apart, so that the bitmap has no padding.
SELECT
    partition,
    bitstring_agg("offset", $low::BIGINT, $high::BIGINT - 1)::BLOB AS bitmap
FROM ({told})
WHERE "offset" >= $low AND "offset" < $high AND "offset" < ($ends::BIGINT[])[partition + 1]
GROUP BY partition
ORDER BY partition

-- name: audit_twice
-- Run only for partitions whose counts say that something is there twice.
SELECT
    partition,
    "offset",
    count(*) FILTER (source <> 'dead_letter') AS decisions,
    count(*) FILTER (source = 'dead_letter') AS dead_letters
FROM ({told})
WHERE list_contains($partitions::INTEGER[], partition) AND "offset" < ($ends::BIGINT[])[partition + 1]
GROUP BY partition, "offset"
HAVING count(*) > 1
ORDER BY partition, "offset"
LIMIT $most

-- name: audit_decided
-- Coordinates in disclosures.decided of the decision rows whose request counts.
SELECT decided_partition AS partition, decided_offset AS "offset" FROM decision_row
WHERE request_offset < ($ends::BIGINT[])[request_partition + 1]
UNION ALL
SELECT decided_partition, decided_offset FROM repeat
WHERE request_offset < ($ends::BIGINT[])[request_partition + 1]

-- name: audit_decided_between
-- The same, of all rows within offsets of disclosures.decided: $lows[p + 1] up to, not including, $highs[p + 1].
SELECT decided_partition AS partition, decided_offset AS "offset" FROM decision_row
WHERE decided_offset >= ($lows::BIGINT[])[decided_partition + 1]
    AND decided_offset < ($highs::BIGINT[])[decided_partition + 1]
UNION ALL
SELECT decided_partition, decided_offset FROM repeat
WHERE decided_offset >= ($lows::BIGINT[])[decided_partition + 1]
    AND decided_offset < ($highs::BIGINT[])[decided_partition + 1]

-- name: audit_decided_range
SELECT partition, min("offset") AS lowest, max("offset") AS highest FROM ({coordinates}) GROUP BY partition

-- name: audit_decided_distinct
SELECT partition, bit_count(bitstring_agg("offset", $low::BIGINT, $high::BIGINT - 1)) AS offsets
FROM ({coordinates})
WHERE "offset" >= $low AND "offset" < $high
GROUP BY partition

-- name: audit_unreadable
SELECT topic, count(*) AS records FROM unreadable GROUP BY topic

-- name: audit_bulks
-- Rows of each bulk that have a decision, or else a dead letter; those of which rows are lacking first.
WITH announced AS (SELECT bulk_id AS producer_id, rows FROM bulk WHERE status = 'recorded'),
decided AS (
    SELECT producer_id, sequence FROM decision WHERE producer_id IN (SELECT producer_id FROM announced)
),
dead AS (
    SELECT DISTINCT producer_id, sequence FROM dead_letter JOIN announced USING (producer_id)
    WHERE sequence < rows
),
told AS (
    SELECT producer_id FROM decided
    UNION ALL
    SELECT producer_id FROM dead ANTI JOIN decided USING (producer_id, sequence)
),
found AS (SELECT producer_id, count(*) AS rows FROM told GROUP BY producer_id)
SELECT announced.producer_id AS bulk_id, announced.rows AS announced, coalesce(found.rows, 0) AS found
FROM announced LEFT JOIN found USING (producer_id)
ORDER BY announced = found, bulk_id

-- name: audit_event_ids_twice
-- One share of the ids at a time, so that memory stays bounded: $share of $shares.
SELECT event_id FROM decision_row
WHERE hash(event_id) % $shares::UBIGINT = $share::UBIGINT
GROUP BY event_id
HAVING count(*) > 1
ORDER BY event_id
LIMIT $most

-- name: audit_sequence_gaps
-- A producer numbers its events from 0 without gaps; the first rows may be gone with their retention.
SELECT coalesce(sum(numbered - present), 0)::BIGINT AS events
FROM (
    SELECT max(sequence) - min(sequence) + 1 AS numbered, count(*) AS present FROM decision GROUP BY producer_id
)
