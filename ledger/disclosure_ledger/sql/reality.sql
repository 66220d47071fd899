-- What was observed, over all rows of a period. The rules are those of answers/standing.py, in sets: which rows
-- stand after corrections, retractions and reports. References count within one subject key. Everything that
-- refers is few beside everything else, so only small tables are walked; all rows are read once or twice.

-- name: retractions_of_retractions
-- A retraction that a later one takes back, oldest of these last.
WITH retraction AS (
    SELECT subject_key, event_id, retracts_event_id, emitted_at
    FROM decision
    WHERE retracts_event_id IS NOT NULL
        AND outcome NOT IN ('reject', 'duplicate', 'suppress')
        AND ($known_at::TIMESTAMP IS NULL OR recorded_at <= $known_at::TIMESTAMP)
)
SELECT later.event_id AS later, earlier.event_id AS earlier
FROM retraction AS later
JOIN retraction AS earlier
    ON earlier.event_id = later.retracts_event_id AND earlier.subject_key = later.subject_key
WHERE (later.emitted_at, later.event_id) > (earlier.emitted_at, earlier.event_id)
ORDER BY later.emitted_at DESC, later.event_id DESC

-- name: observed_groups
-- Standing rows of [start, end) in groups of equal content. `undone`: retractions that were taken back.
-- `edges`: where a stretch of the period begins, in order. Sensitive items are grouped with all that was said
-- of them, for what they are used for stands only there.
WITH RECURSIVE event AS (
    SELECT * FROM decision
    WHERE outcome <> 'duplicate' AND ($known_at::TIMESTAMP IS NULL OR recorded_at <= $known_at::TIMESTAMP)
),
retracted AS MATERIALIZED (
    SELECT DISTINCT subject_key, retracts_event_id AS event_id
    FROM event
    WHERE retracts_event_id IS NOT NULL
        AND outcome NOT IN ('reject', 'suppress')
        AND NOT list_contains($undone::UUID[], event_id)
),
link AS MATERIALIZED (
    SELECT subject_key, event_id, corrects_event_id AS target
    FROM event
    WHERE corrects_event_id IS NOT NULL AND outcome NOT IN ('reject', 'suppress')
),
walk AS (
    SELECT subject_key, event_id, event_id AS reached, [event_id] AS seen, false AS is_ring FROM link
    UNION ALL
    SELECT
        walk.subject_key,
        walk.event_id,
        link.target,
        list_append(walk.seen, link.target),
        list_contains(walk.seen, link.target)
    FROM walk
    JOIN link ON link.event_id = walk.reached AND link.subject_key = walk.subject_key
    WHERE NOT walk.is_ring
),
linked AS MATERIALIZED (
    SELECT subject_key, event_id, CASE WHEN is_ring THEN list_min(seen) ELSE reached END AS root
    FROM walk
    WHERE is_ring OR NOT EXISTS (
        FROM link WHERE link.event_id = walk.reached AND link.subject_key = walk.subject_key
    )
),
correction AS MATERIALIZED (
    SELECT
        linked.subject_key,
        linked.root,
        linked.event_id,
        row_number() OVER (
            PARTITION BY linked.subject_key, linked.root ORDER BY event.emitted_at DESC, event.event_id DESC
        ) AS place
    FROM linked
    JOIN event ON event.event_id = linked.event_id
    ANTI JOIN retracted ON retracted.event_id = linked.event_id AND retracted.subject_key = linked.subject_key
    WHERE event.retracts_event_id IS NULL AND linked.root <> linked.event_id
),
version AS (
    -- The version of each event that counts, with the event it began as.
    SELECT event.*, event.event_id AS root
    FROM event
    ANTI JOIN linked ON linked.event_id = event.event_id
    ANTI JOIN correction ON correction.root = event.event_id AND correction.subject_key = event.subject_key
    WHERE event.retracts_event_id IS NULL
    UNION ALL
    SELECT event.*, linked.root
    FROM event
    JOIN linked ON linked.event_id = event.event_id AND linked.root = linked.event_id
    ANTI JOIN correction ON correction.root = event.event_id AND correction.subject_key = event.subject_key
    WHERE event.retracts_event_id IS NULL
    UNION ALL
    SELECT event.*, correction.root
    FROM event
    JOIN correction ON correction.event_id = event.event_id AND correction.place = 1
),
report AS (
    SELECT subject_key, recipient_id, decision_event_id AS asked
    FROM version
    WHERE mode <> 'request' AND outcome NOT IN ('reject', 'suppress') AND decision_event_id IS NOT NULL
),
reported AS MATERIALIZED (
    FROM report
    UNION ALL
    SELECT report.subject_key, report.recipient_id, linked.root
    FROM report
    JOIN linked ON linked.event_id = report.asked AND linked.subject_key = report.subject_key
),
lasting AS (
    SELECT version.*
    FROM version
    ANTI JOIN retracted ON retracted.event_id = version.root AND retracted.subject_key = version.subject_key
    WHERE outcome <> 'retracted'
),
standing AS (
    SELECT *, occurred_at AS happened_at FROM lasting WHERE mode <> 'request'
    UNION ALL
    SELECT asked.*, asked.decided_at AS happened_at
    FROM (FROM lasting WHERE mode = 'request') AS asked
    ANTI JOIN reported AS own
        ON own.asked = asked.event_id
        AND own.subject_key = asked.subject_key
        AND own.recipient_id = asked.recipient_id
    ANTI JOIN reported AS corrected
        ON corrected.asked = asked.corrects_event_id
        AND corrected.subject_key = asked.subject_key
        AND corrected.recipient_id = asked.recipient_id
)
SELECT
    len(list_filter($edges::TIMESTAMP[], edge -> edge <= happened_at)) - 1 AS stretch,
    mode,
    recipient_id,
    recipient_category,
    recipient_role,
    contract_id IS NOT NULL AS has_contract,
    purpose,
    outcome,
    kind,
    reason,
    items,
    item_decisions,
    CASE WHEN list_has_any(items, $sensitive_items::VARCHAR[]) THEN disclosure END AS content,
    count(*) AS disclosures,
    min(happened_at) AS first_at,
    max(happened_at) AS last_at,
    max({'at': happened_at, 'event_id': event_id, 'name': recipient_name}).name AS recipient_name
FROM standing
WHERE happened_at >= $start::TIMESTAMP AND happened_at < $end::TIMESTAMP
GROUP BY ALL
