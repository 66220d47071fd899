-- What exports read. Rows come as they lie, which is by subject in sealed files.

-- name: export_months
SELECT DISTINCT date_trunc('month', decided_at)::TIMESTAMP AS month
FROM decision WHERE decided_at >= $first AND decided_at < $end
ORDER BY month;

-- name: export_rows
-- Keys as text: every program reads them.
SELECT
    event_id::VARCHAR AS event_id, subject_key::VARCHAR AS subject_key, subject_type, mode, recipient_id,
    recipient_name, recipient_category, recipient_role, declared_kind, kind, purpose, emitter, items,
    pi_categories, item_decisions, occurred_at, emitted_at, decided_at, valid_until, outcome, reason,
    flags, notice_id, contract_id, rule_version, lower(hex(registry_hash)) AS registry_hash,
    preference_state, preference_offsets, identity_offsets,
    preference_event_ids::VARCHAR[] AS preference_event_ids,
    decision_event_id::VARCHAR AS decision_event_id, corrects_event_id::VARCHAR AS corrects_event_id,
    retracts_event_id::VARCHAR AS retracts_event_id, transaction_id, collected_at,
    linked_subject_keys::VARCHAR[] AS linked_subject_keys, producer_id::VARCHAR AS producer_id, sequence,
    request_partition, request_offset, decided_partition, decided_offset, recorded_at, disclosure
FROM decision WHERE decided_at >= $first AND decided_at < $end;

-- name: export_rows_as_text
-- For CSV: no lists, no bytes.
SELECT
    event_id::VARCHAR AS event_id, subject_key::VARCHAR AS subject_key, subject_type, mode, recipient_id,
    recipient_name, recipient_category, recipient_role, declared_kind, kind, purpose, emitter,
    to_json(items)::VARCHAR AS items, to_json(pi_categories)::VARCHAR AS pi_categories,
    to_json(item_decisions)::VARCHAR AS item_decisions, occurred_at, emitted_at, decided_at, valid_until,
    outcome, reason, to_json(flags)::VARCHAR AS flags, notice_id, contract_id, rule_version,
    lower(hex(registry_hash)) AS registry_hash, preference_state,
    to_json(preference_offsets)::VARCHAR AS preference_offsets,
    to_json(identity_offsets)::VARCHAR AS identity_offsets,
    to_json(preference_event_ids)::VARCHAR AS preference_event_ids,
    decision_event_id::VARCHAR AS decision_event_id, corrects_event_id::VARCHAR AS corrects_event_id,
    retracts_event_id::VARCHAR AS retracts_event_id, transaction_id, collected_at,
    to_json(linked_subject_keys)::VARCHAR AS linked_subject_keys, producer_id::VARCHAR AS producer_id,
    sequence, request_partition, request_offset, decided_partition, decided_offset, recorded_at,
    lower(hex(disclosure)) AS disclosure
FROM decision WHERE decided_at >= $first AND decided_at < $end;

-- name: rows_of_flagged_subjects
-- All rows of subjects that have a flagged one: corrections and retractions decide which of them stand.
SELECT {columns} FROM decision
WHERE subject_key IN (SELECT subject_key FROM decision WHERE list_contains(flags, $flag))
ORDER BY subject_key;
