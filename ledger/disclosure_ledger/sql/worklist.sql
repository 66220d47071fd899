-- The worklist: what is to be looked at again, items, changes.

-- name: worklist_positions
SELECT topic, partition, next_offset FROM worklist_position;

-- name: worklist_hot_begins
-- First offset of each partition that is not sealed yet.
SELECT decided_partition AS partition, min(decided_offset) AS first_offset FROM hot_decision_row GROUP BY ALL;

-- name: worklist_touched_by_decisions
-- Subjects of whom a decision that can matter was recorded in these spans of offsets. After a completed deletion
-- every earlier disclosure matters, however late it is reported.
WITH span AS (
    SELECT unnest($partitions::INTEGER[]) AS partition, unnest($begins::BIGINT[]) AS first,
        unnest($ends::BIGINT[]) AS next
)
SELECT DISTINCT subject_key
FROM {source} AS looked_at
JOIN span ON decided_partition = span.partition AND decided_offset >= span.first AND decided_offset < span.next
WHERE outcome IN ('notify', 'violation')
    OR corrects_event_id IS NOT NULL
    OR retracts_event_id IS NOT NULL
    OR subject_key IN (SELECT subject_key FROM worklist_deleted);

-- name: worklist_next_redecision
SELECT coalesce(max(rowid) + 1, 0) AS next_row FROM redecision;

-- name: worklist_touched_by_redecisions
-- Subjects of whom a report was decided again: what was permitted may now be owed to be told, or no longer.
SELECT DISTINCT subject_key FROM redecision WHERE rowid >= $first AND rowid < $next;

-- name: worklist_touched_by_preferences
-- Subjects of completed deletions, and devices and accounts that a signal has linked to a deleted subject.
WITH span AS (
    SELECT unnest($partitions::INTEGER[]) AS partition, unnest($begins::BIGINT[]) AS first,
        unnest($ends::BIGINT[]) AS next
)
SELECT DISTINCT subject_key
FROM preference
JOIN span ON topic_partition = span.partition AND topic_offset >= span.first AND topic_offset < span.next
WHERE status = 'recorded'
    AND (
        kind = 'deletion_completed'
        OR (account_key IS NOT NULL AND (
            subject_key IN (SELECT subject_key FROM worklist_deleted)
            OR account_key IN (SELECT subject_key FROM worklist_deleted)))
    );

-- name: worklist_touched_by_identities
WITH span AS (
    SELECT unnest($partitions::INTEGER[]) AS partition, unnest($begins::BIGINT[]) AS first,
        unnest($ends::BIGINT[]) AS next
)
SELECT DISTINCT subject_key
FROM identity_link
JOIN span ON topic_partition = span.partition AND topic_offset >= span.first AND topic_offset < span.next
WHERE status = 'recorded'
    AND (subject_key IN (SELECT subject_key FROM worklist_deleted)
        OR other_subject_key IN (SELECT subject_key FROM worklist_deleted));

-- name: worklist_links_of
SELECT * FROM identity_link
WHERE status = 'recorded'
    AND (list_contains($subject_keys::UUID[], subject_key) OR list_contains($subject_keys::UUID[], other_subject_key));

-- name: worklist_said_of
-- What is said of deletions, and signals of logged-in visitors, which link a device to an account.
SELECT * FROM preference
WHERE status = 'recorded'
    AND (kind IN ('delete', 'deletion_completed') OR account_key IS NOT NULL)
    AND (list_contains($subject_keys::UUID[], subject_key) OR list_contains($subject_keys::UUID[], account_key));

-- name: worklist_preferences
SELECT * FROM preference WHERE status = 'recorded' AND list_contains($event_ids::UUID[], event_id);

-- name: worklist_insert_deleted
INSERT INTO worklist_deleted
SELECT unnest($subject_keys::UUID[]) AS subject_key
EXCEPT
SELECT subject_key FROM worklist_deleted;

-- name: worklist_update_position
UPDATE worklist_position SET next_offset = $next_offset WHERE topic = $topic AND partition = $partition;

-- name: worklist_insert_position
INSERT INTO worklist_position VALUES ($topic, $partition, $next_offset);

-- name: worklist_events_of_subjects
SELECT * RENAME (happened_at AS "at") FROM worklist_event
WHERE list_contains($subject_keys::UUID[], subject_key)
ORDER BY item_id, rowid;

-- name: worklist_events_of_items
SELECT * RENAME (happened_at AS "at") FROM worklist_event
WHERE list_contains($item_ids::UUID[], item_id)
ORDER BY item_id, rowid;

-- name: worklist_heads
-- Items of a page, by last day and id, after the cursor. `state` is told by the last change that sets one; the
-- fold has the final word, so states that a filter leaves out are left out there once more.
WITH latest AS (
    SELECT item_id, any_value(subject_key) AS subject_key, any_value(recipient_id) AS recipient_id,
        any_value(cause) AS cause, arg_max(due_on, rowid) AS due_on,
        arg_max(change, rowid) FILTER (WHERE change IN ('listed', 'sent', 'acknowledged', 'failed', 'reopened'))
            AS last_change
    FROM worklist_event
    GROUP BY item_id
)
SELECT item_id, due_on
FROM latest
WHERE (len($recipients::VARCHAR[]) = 0 OR list_contains($recipients::VARCHAR[], recipient_id))
    AND (len($causes::VARCHAR[]) = 0 OR list_contains($causes::VARCHAR[], cause))
    AND (len($subject_keys::UUID[]) = 0 OR list_contains($subject_keys::UUID[], subject_key))
    AND (len($last_changes::VARCHAR[]) = 0 OR list_contains($last_changes::VARCHAR[], last_change))
    AND ($due_before::DATE IS NULL OR due_on < $due_before::DATE)
    AND ($cursor_due::DATE IS NULL OR (due_on, item_id) > ($cursor_due::DATE, $cursor_id::UUID))
ORDER BY due_on, item_id
LIMIT $page_rows;

-- name: worklist_rows_of_subjects
SELECT {columns} FROM decision_now WHERE subject_key IN (SELECT unnest($subject_keys::UUID[]));

-- name: worklist_insert_events
-- Many rows at once, in their order, from one JSON array.
INSERT INTO worklist_event BY NAME
SELECT unnest(
    from_json($rows, '[{"item_id":"UUID","event_id":"UUID","happened_at":"TIMESTAMP","change":"VARCHAR","by":"VARCHAR","subject_key":"UUID","recipient_id":"VARCHAR","cause":"VARCHAR","cause_event_id":"UUID","cause_at":"TIMESTAMP","due_on":"DATE","forward":"BOOLEAN","disclosures":[{"event_id":"UUID","occurred_at":"TIMESTAMP","kind":"VARCHAR","items":["VARCHAR"],"transaction_id":"VARCHAR"}],"channel":"VARCHAR","next_attempt_at":"TIMESTAMP","evidence":{"message_id":"VARCHAR","payload_sha256":"VARCHAR","status":"INTEGER","place":"VARCHAR","key_id":"VARCHAR","answer":"VARCHAR"},"note":"VARCHAR","recorded_at":"TIMESTAMP"}]'),
    max_depth := 2);
