-- What was observed, over all rows of a period. The rules are those of answers/standing.py, in sets: which rows
-- stand after corrections, retractions and reports. References count within one subject key. What refers to
-- another event is small beside everything else: it is worked out in tables of this snapshot, so that DuckDB
-- knows their size and hashes them and not the ledger.

-- name: make_amendment
-- Corrections and retractions that were taken in.
CREATE TEMP TABLE amendment AS
SELECT subject_key, event_id, emitted_at, corrects_event_id, retracts_event_id
FROM decision
WHERE (corrects_event_id IS NOT NULL OR retracts_event_id IS NOT NULL)
    AND outcome NOT IN ('reject', 'duplicate', 'suppress')
    AND recorded_at <= $known_at::TIMESTAMP

-- name: retractions_of_retractions
-- Which retraction takes back which earlier one, the latest first.
SELECT later.event_id AS later, earlier.event_id AS earlier
FROM amendment AS later
JOIN amendment AS earlier
    ON earlier.event_id = later.retracts_event_id AND earlier.subject_key = later.subject_key
WHERE earlier.retracts_event_id IS NOT NULL
    AND (later.emitted_at, later.event_id) > (earlier.emitted_at, earlier.event_id)
ORDER BY later.emitted_at DESC, later.event_id DESC

-- name: make_retracted
-- Events declared not to have happened; `undone`: retractions that were taken back.
CREATE TEMP TABLE retracted AS
SELECT DISTINCT subject_key, retracts_event_id AS event_id
FROM amendment
WHERE retracts_event_id IS NOT NULL AND NOT list_contains($undone::UUID[], event_id)

-- name: make_linked
-- Each correction with the event it began with; ids that name each other in a ring end at the smallest.
CREATE TEMP TABLE linked AS
WITH RECURSIVE walk AS (
    SELECT subject_key, event_id, event_id AS reached, [event_id] AS seen, false AS is_ring
    FROM amendment
    WHERE corrects_event_id IS NOT NULL
    UNION ALL
    SELECT
        walk.subject_key,
        walk.event_id,
        link.corrects_event_id,
        list_append(walk.seen, link.corrects_event_id),
        list_contains(walk.seen, link.corrects_event_id)
    FROM walk
    JOIN amendment AS link ON link.event_id = walk.reached AND link.subject_key = walk.subject_key
    WHERE link.corrects_event_id IS NOT NULL AND NOT walk.is_ring
)
SELECT
    walk.subject_key,
    walk.event_id,
    CASE WHEN is_ring THEN list_min(seen) ELSE reached END AS root,
    amendment.emitted_at,
    amendment.retracts_event_id IS NOT NULL AS is_retraction
FROM walk
JOIN amendment ON amendment.event_id = walk.event_id
WHERE is_ring OR NOT EXISTS (
    FROM amendment AS link
    WHERE link.event_id = walk.reached
        AND link.subject_key = walk.subject_key
        AND link.corrects_event_id IS NOT NULL
)

-- name: make_correction
-- The correction that counts of each corrected event.
CREATE TEMP TABLE correction AS
SELECT subject_key, root, max_by(event_id, {'emitted_at': emitted_at, 'event_id': event_id}) AS event_id
FROM linked
ANTI JOIN retracted USING (subject_key, event_id)
WHERE NOT is_retraction AND root <> event_id
GROUP BY subject_key, root

-- name: make_replaced
-- Events in whose place another version stands.
CREATE TEMP TABLE replaced AS
SELECT correction.subject_key, correction.root AS event_id
FROM correction
ANTI JOIN linked ON linked.event_id = correction.root AND linked.root <> linked.event_id
UNION
SELECT subject_key, event_id FROM linked ANTI JOIN correction USING (event_id) WHERE root <> event_id

-- name: make_gone
-- Events that were replaced, or retracted with all their corrections.
CREATE TEMP TABLE gone AS
FROM replaced
UNION
SELECT retracted.subject_key, retracted.event_id
FROM retracted
ANTI JOIN linked ON linked.event_id = retracted.event_id
UNION
SELECT linked.subject_key, linked.event_id
FROM linked
JOIN retracted ON retracted.event_id = linked.root AND retracted.subject_key = linked.subject_key

-- name: make_reported
-- What reports say was asked for before, also reports that were retracted since.
CREATE TEMP TABLE reported AS
WITH report AS (
    SELECT subject_key, decision_event_id AS asked, recipient_id
    FROM decision
    ANTI JOIN replaced USING (subject_key, event_id)
    WHERE mode <> 'request'
        AND decision_event_id IS NOT NULL
        AND retracts_event_id IS NULL
        AND outcome NOT IN ('reject', 'duplicate', 'suppress')
        AND recorded_at <= $known_at::TIMESTAMP
)
FROM report
UNION ALL
SELECT report.subject_key, linked.root, report.recipient_id
FROM report
JOIN linked ON linked.event_id = report.asked AND linked.subject_key = report.subject_key

-- name: make_answered
-- Requests in whose place a report stands.
CREATE TEMP TABLE answered AS
SELECT event_id
FROM decision
SEMI JOIN reported
    ON reported.asked = decision.event_id
    AND reported.subject_key = decision.subject_key
    AND reported.recipient_id = decision.recipient_id
WHERE mode = 'request'
UNION ALL
SELECT event_id
FROM decision
SEMI JOIN reported
    ON reported.asked = decision.corrects_event_id
    AND reported.subject_key = decision.subject_key
    AND reported.recipient_id = decision.recipient_id
WHERE mode = 'request' AND corrects_event_id IS NOT NULL

-- name: observed_groups
-- Standing rows of [start, end) in groups of equal content; {{stretch}}: which part of the period. First by the
-- bytes of what was said, which nearly always repeat; then by what of it counts here.
-- Sensitive items stay grouped with all that was said of them, for what they are used for stands only there.
WITH standing AS NOT MATERIALIZED (
    SELECT *, CASE WHEN mode = 'request' THEN decided_at ELSE occurred_at END AS happened_at
    FROM decision
    ANTI JOIN gone USING (subject_key, event_id)
    ANTI JOIN answered USING (event_id)
    WHERE outcome NOT IN ('duplicate', 'retracted')
        AND retracts_event_id IS NULL
        AND recorded_at <= $known_at::TIMESTAMP
        AND CASE WHEN mode = 'request' THEN decided_at ELSE occurred_at END >= $start::TIMESTAMP
        AND CASE WHEN mode = 'request' THEN decided_at ELSE occurred_at END < $end::TIMESTAMP
),
said AS (
    SELECT
        {stretch} AS stretch,
        disclosure,
        recipient_name,
        recipient_category,
        recipient_role,
        contract_id IS NOT NULL AS has_contract,
        outcome,
        kind,
        reason,
        item_decisions,
        any_value(mode) AS mode,
        any_value(recipient_id) AS recipient_id,
        any_value(purpose) AS purpose,
        any_value(items) AS items,
        count(*) AS disclosures,
        min(happened_at) AS first_at,
        max(happened_at) AS last_at
    FROM standing
    GROUP BY ALL
)
SELECT
    stretch,
    mode,
    recipient_id,
    recipient_name,
    recipient_category,
    recipient_role,
    has_contract,
    purpose,
    outcome,
    kind,
    reason,
    items,
    item_decisions,
    CASE WHEN list_has_any(items, $sensitive_items::VARCHAR[]) THEN disclosure END AS content,
    sum(disclosures)::BIGINT AS disclosures,
    min(first_at) AS first_at,
    max(last_at) AS last_at
FROM said
GROUP BY ALL
