-- Decisions made again: reading them, and finding what must be decided again.

-- name: redecisions_of_subjects
-- Keys and moment are written out: they are our own values, and binding them costs more than the answer.
SELECT {columns} FROM redecision
WHERE subject_key IN ({keys}) AND recorded_at <= '{known_at}'::TIMESTAMP
ORDER BY recorded_at, rowid;

-- name: redecisions_of_events
SELECT {columns} FROM redecision
WHERE event_id IN (SELECT unnest($event_ids::UUID[])) AND recorded_at <= $known_at::TIMESTAMP
ORDER BY recorded_at, rowid;

-- name: insert_redecision
INSERT INTO redecision BY NAME
SELECT
    $event_id::UUID AS event_id, $subject_key::UUID AS subject_key, $outcome AS outcome, $kind AS kind,
    $reason AS reason, $flags::VARCHAR[] AS flags,
    $item_decisions::STRUCT(item INTEGER, outcome VARCHAR, kind VARCHAR, reason VARCHAR)[] AS item_decisions,
    $recipient_name::VARCHAR AS recipient_name, $recipient_category::VARCHAR AS recipient_category,
    $recipient_role AS recipient_role, $notice_id::VARCHAR AS notice_id, $contract_id::VARCHAR AS contract_id,
    $preference_event_ids::UUID[] AS preference_event_ids, $rule_version AS rule_version,
    $registry_hash::BLOB AS registry_hash, $preference_offsets::BIGINT[] AS preference_offsets,
    $identity_offsets::BIGINT[] AS identity_offsets, $cause_event_ids::UUID[] AS cause_event_ids,
    $decided_at::TIMESTAMP AS decided_at, $recorded_at::TIMESTAMP AS recorded_at;

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

-- name: preferences_between
-- In the order in which they came; all of a repeated id, for all were obeyed.
SELECT * FROM preference
WHERE topic_partition = $partition AND topic_offset >= $first AND topic_offset < $last;

-- name: identities_between
SELECT * FROM identity_link
WHERE topic_partition = $partition AND topic_offset >= $first AND topic_offset < $last;

-- name: preferences_of_subjects
WITH wanted AS MATERIALIZED (SELECT unnest($keys::UUID[]) AS key)
SELECT * FROM preference WHERE subject_key IN (FROM wanted) OR account_key IN (FROM wanted);

-- name: identities_of_subjects
WITH wanted AS MATERIALIZED (SELECT unnest($keys::UUID[]) AS key)
SELECT * FROM identity_link WHERE subject_key IN (FROM wanted) OR other_subject_key IN (FROM wanted);

-- name: unreadable_control_keys
SELECT DISTINCT key FROM unreadable
WHERE topic IN ('privacy.preferences', 'privacy.identities') AND octet_length(key) = 16;

-- name: reports_of_subject
-- One subject at a time: its rows lie together, and all else is skipped.
SELECT {columns} FROM {source}
WHERE subject_key = $key::UUID AND mode = 'report' AND occurred_at >= $from_moment::TIMESTAMP;

-- name: reports_of_subjects
WITH wanted AS MATERIALIZED (SELECT unnest($keys::UUID[]) AS key)
SELECT {columns} FROM {source}
WHERE mode = 'report' AND occurred_at >= $from_moment::TIMESTAMP AND subject_key IN (FROM wanted);

-- name: reports_with_linked_subjects
-- About whoever the emitter says is the same person as one of these.
SELECT {columns} FROM {source}
WHERE mode = 'report' AND occurred_at >= $from_moment::TIMESTAMP
    AND len(linked_subject_keys) > 0 AND list_has_any(linked_subject_keys, $keys::UUID[]);

-- name: has_linked_subjects
SELECT EXISTS (SELECT 1 FROM {source} WHERE len(linked_subject_keys) > 0) AS found;

-- name: report_vectors
-- How far the gate had read when it decided the reports of these offsets: of partition p from $firsts[p + 1] up
-- to, not including, $lasts[p + 1].
SELECT DISTINCT preference_offsets, identity_offsets FROM {source}
WHERE mode = 'report' AND decided_offset >= ($firsts::BIGINT[])[decided_partition + 1]
    AND decided_offset < ($lasts::BIGINT[])[decided_partition + 1];

-- name: reports_of_window
WITH wanted AS MATERIALIZED (SELECT unnest($keys::UUID[]) AS key)
SELECT {columns} FROM {source}
WHERE mode = 'report' AND decided_offset >= ($firsts::BIGINT[])[decided_partition + 1]
    AND decided_offset < ($lasts::BIGINT[])[decided_partition + 1]
    AND (
        subject_key IN (FROM wanted)
        OR (len(linked_subject_keys) > 0 AND list_has_any(linked_subject_keys, $keys::UUID[]))
    );

-- name: report_subjects
SELECT DISTINCT unnest(list_append(linked_subject_keys, subject_key)) AS key FROM {source}
WHERE mode = 'report' AND decided_offset >= ($firsts::BIGINT[])[decided_partition + 1]
    AND decided_offset < ($lasts::BIGINT[])[decided_partition + 1];

-- name: requests_that_were_followed
-- Ids of the first and last request that the reports of these offsets say they follow.
SELECT min(decision_event_id) AS first, max(decision_event_id) AS last FROM {source}
WHERE mode = 'report' AND decision_event_id IS NOT NULL
    AND decided_offset >= ($firsts::BIGINT[])[decided_partition + 1]
    AND decided_offset < ($lasts::BIGINT[])[decided_partition + 1];

-- name: reports_that_may_have_ignored
-- Reports that follow a request which was not wholly permitted, or that are not as it was; either is new.
SELECT report.event_id FROM {source} AS report
JOIN {asked} AS asked ON asked.event_id = report.decision_event_id
WHERE report.mode = 'report' AND report.decision_event_id IS NOT NULL AND asked.mode = 'request'
    AND (
        (
            report.decided_offset >= ($firsts::BIGINT[])[report.decided_partition + 1]
            AND report.decided_offset < ($lasts::BIGINT[])[report.decided_partition + 1]
        )
        OR (
            asked.decided_offset >= ($firsts::BIGINT[])[asked.decided_partition + 1]
            AND asked.decided_offset < ($lasts::BIGINT[])[asked.decided_partition + 1]
        )
    )
    AND (
        asked.outcome <> 'permit' OR report.outcome <> 'permit' OR report.items <> asked.items
        OR report.item_decisions <> asked.item_decisions OR report.flags <> asked.flags
    );

-- name: reports_that_wait
-- Reports of these offsets that follow a request which is not there.
SELECT report.event_id, report.decision_event_id FROM {source} AS report
ANTI JOIN ({asked}) AS asked ON asked.event_id = report.decision_event_id
WHERE report.mode = 'report' AND report.decision_event_id IS NOT NULL
    AND report.decided_offset >= ($firsts::BIGINT[])[report.decided_partition + 1]
    AND report.decided_offset < ($lasts::BIGINT[])[report.decided_partition + 1];

-- name: ids_in
SELECT event_id FROM {source};

-- name: insert_awaited_request
INSERT INTO awaited_request VALUES ($event_id::UUID, $report_event_id::UUID);

-- name: awaited_requests
SELECT event_id, report_event_id FROM awaited_request;

-- name: delete_awaited_request
DELETE FROM awaited_request WHERE event_id = $event_id::UUID;

-- name: decisions_by_id
SELECT {columns} FROM {source}
WHERE event_id IN (SELECT unnest($event_ids::UUID[]))
    AND event_id BETWEEN $first::UUID AND $last::UUID;
