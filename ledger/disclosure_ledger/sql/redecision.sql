-- Decisions made again: reading them, and finding what must be decided again.

-- name: redecisions_of_subject
SELECT {columns} FROM redecision
WHERE subject_key = $subject_key::UUID AND recorded_at <= $known_at::TIMESTAMP
ORDER BY recorded_at, rowid;

-- name: redecisions_of_events
SELECT {columns} FROM redecision
WHERE event_id IN (SELECT unnest($event_ids::UUID[])) AND recorded_at <= $known_at::TIMESTAMP
ORDER BY recorded_at, rowid;

-- name: insert_redecision
INSERT INTO redecision ({columns}) VALUES ({values});

-- name: first_recorded_at
-- When the ledger's first record came.
SELECT least(
    (SELECT min(recorded_at) FROM decision),
    (SELECT min(recorded_at) FROM preference),
    (SELECT min(recorded_at) FROM identity_link)
) AS first_recorded_at;

-- name: reevaluated_offsets
SELECT topic, partition, next_offset FROM reevaluated;

-- name: delete_reevaluated
DELETE FROM reevaluated WHERE topic = $topic AND partition = $partition;

-- name: insert_reevaluated
INSERT INTO reevaluated VALUES ($topic, $partition, $next_offset);

-- name: preferences_from
-- In the order in which they came; all of a repeated id, for all were obeyed.
SELECT * FROM preference
WHERE topic_partition = $partition AND topic_offset >= $first AND topic_offset < $last
ORDER BY topic_offset LIMIT $most;

-- name: identities_from
SELECT * FROM identity_link
WHERE topic_partition = $partition AND topic_offset >= $first AND topic_offset < $last
ORDER BY topic_offset LIMIT $most;

-- name: preferences_of_subjects
SELECT * FROM preference
WHERE subject_key IN (SELECT unnest($keys::UUID[])) OR account_key IN (SELECT unnest($keys::UUID[]));

-- name: identities_of_subjects
SELECT * FROM identity_link
WHERE subject_key IN (SELECT unnest($keys::UUID[])) OR other_subject_key IN (SELECT unnest($keys::UUID[]));

-- name: unreadable_of_control
SELECT DISTINCT key FROM unreadable
WHERE topic IN ('privacy.preferences', 'privacy.identities') AND octet_length(key) = 16;

-- name: reports_of_subjects
-- Reports about these subjects, or about whoever the emitter says is the same person, from a moment on.
SELECT {columns} FROM {source}
WHERE mode = 'report' AND occurred_at >= $from_moment::TIMESTAMP
    AND (
        subject_key IN (SELECT unnest($keys::UUID[]))
        OR (len(linked_subject_keys) > 0 AND list_has_any(linked_subject_keys, $keys::UUID[]))
    );

-- name: report_vectors
-- How far the gate had read when it decided the reports from these offsets on ($firsts[partition + 1]).
SELECT DISTINCT preference_offsets, identity_offsets FROM {source}
WHERE mode = 'report' AND decided_offset >= ($firsts::BIGINT[])[decided_partition + 1];

-- name: reports_that_may_have_ignored
-- Reports that follow a request which was not wholly permitted, or that name other items than it did. Either
-- may have been recorded since the last look.
SELECT report.event_id FROM {source} AS report
JOIN {source} AS asked ON asked.event_id = report.decision_event_id
WHERE report.mode = 'report' AND asked.mode = 'request'
    AND (
        report.decided_offset >= ($firsts::BIGINT[])[report.decided_partition + 1]
        OR asked.decided_offset >= ($firsts::BIGINT[])[asked.decided_partition + 1]
    )
    AND (asked.outcome NOT IN ('permit', 'out_of_scope') OR report.items <> asked.items);

-- name: decisions_by_id
SELECT {columns} FROM decision
WHERE event_id IN (SELECT unnest($event_ids::UUID[]));
