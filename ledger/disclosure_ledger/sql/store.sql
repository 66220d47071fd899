-- Statements of the storage itself. Names in braces are filled with checked identifiers and literals.

-- name: configuration_is_locked
SELECT current_setting('lock_configuration');

-- name: lock_down
SET allowed_directories = [{folder}];
SET enable_external_access = false;
SET arrow_lossless_conversion = true;
SET lock_configuration = true;

-- name: has_migrations
SELECT 1 FROM duckdb_tables()
WHERE table_name = 'schema_migration' AND database_name = current_database();

-- name: create_schema_migration
CREATE TABLE IF NOT EXISTS schema_migration (
    version INTEGER NOT NULL, sha256 VARCHAR NOT NULL, applied_at TIMESTAMP NOT NULL
);

-- name: applied_migrations
SELECT version, sha256 FROM schema_migration ORDER BY version;

-- name: insert_schema_migration
INSERT INTO schema_migration VALUES ($version, $sha256, $applied_at);

-- name: attach_segment
ATTACH IF NOT EXISTS {path} AS {alias} (READ_ONLY);

-- name: detach
DETACH {alias};

-- name: attach_draft
ATTACH {path} AS draft (ROW_GROUP_SIZE 20480, STORAGE_VERSION '{version}');

-- name: segments
SELECT name, level, period, row_count, file_bytes, sha256, first_event_id, last_event_id, id_minutes,
    first_occurred_at, last_occurred_at, sealed_at
FROM segment ORDER BY name;

-- name: next_offsets
SELECT topic, partition, next_offset FROM kafka_offset ORDER BY topic, partition;

-- name: newest_hot_event_id
SELECT max(event_id) FROM hot_decision;

-- name: rows_of_subject
-- No ORDER BY ... LIMIT here: a Top-N would read every row group.
SELECT {columns} FROM decision WHERE subject_key = $subject_key::UUID;

-- name: prepare_rows
PREPARE {statement} AS SELECT {columns} FROM {source} WHERE subject_key = $1::UUID;

-- name: execute_rows
EXECUTE {statement}('{subject_key}');

-- name: deallocate_rows
DEALLOCATE {statement};

-- name: subjects_in
SELECT subject_key FROM {source};

-- name: hot_rows
SELECT count(*) AS hot_rows FROM hot_decision;

-- name: counts
SELECT
    (SELECT count(*) FROM hot_decision) AS hot_rows,
    (SELECT count(*) FROM preference WHERE status = 'recorded') AS preferences,
    (SELECT count(*) FROM identity_link WHERE status = 'recorded') AS identities,
    (SELECT count(*) FROM dead_letter) AS dead_letters,
    (SELECT count(*) FROM unreadable) AS unreadable;

-- name: repeat_counts
SELECT status, count(*) AS decisions FROM repeat GROUP BY status ORDER BY status;

-- name: insert_decisions
INSERT INTO hot_decision BY NAME SELECT *, $recorded_at::TIMESTAMP AS recorded_at FROM incoming;

-- name: insert_repeats
INSERT INTO repeat BY NAME
SELECT status, event_id, subject_key, outcome, recipient_id, occurred_at, emitted_at, decided_at, producer_id,
    sequence, request_partition, request_offset, decided_partition, decided_offset,
    $recorded_at::TIMESTAMP AS recorded_at, disclosure
FROM incoming;

-- name: insert_preferences
INSERT INTO preference BY NAME SELECT *, $recorded_at::TIMESTAMP AS recorded_at FROM incoming;

-- name: insert_identities
INSERT INTO identity_link BY NAME SELECT *, $recorded_at::TIMESTAMP AS recorded_at FROM incoming;

-- name: insert_dead_letters
INSERT INTO dead_letter BY NAME SELECT *, $recorded_at::TIMESTAMP AS recorded_at FROM incoming;

-- name: insert_unreadable
INSERT INTO unreadable BY NAME SELECT *, $recorded_at::TIMESTAMP AS recorded_at FROM incoming;

-- name: update_offset
UPDATE kafka_offset SET next_offset = $next_offset WHERE topic = $topic AND partition = $partition;

-- name: insert_offset
INSERT INTO kafka_offset VALUES ($topic, $partition, $next_offset);

-- name: known_ids
-- Which of the suspects are there; the bounds let whole row groups be skipped. Materialized, because DuckDB
-- cannot push a filter on UUIDs into an Arrow table.
WITH wanted AS MATERIALIZED (SELECT event_id FROM suspect)
SELECT event_id FROM {source}
WHERE event_id BETWEEN $first::UUID AND $last::UUID AND event_id IN (FROM wanted);

-- name: known_content
WITH wanted AS MATERIALIZED (SELECT event_id FROM suspect)
SELECT {content} FROM {source}
WHERE event_id BETWEEN $first::UUID AND $last::UUID AND event_id IN (FROM wanted);

-- name: classify
-- The first of an event id is recorded, be it here or in an earlier batch (position -1); the others are repeats.
WITH every AS (
    SELECT -1::BIGINT AS position, {content} FROM known
    UNION ALL BY NAME
    SELECT position, {content} FROM incoming
),
compared AS (
    SELECT
        position,
        row_number() OVER of_event AS nth,
        ROW({content}) IS NOT DISTINCT FROM first_value(ROW({content})) OVER of_event AS same
    FROM every
    WINDOW of_event AS (PARTITION BY event_id ORDER BY position)
)
SELECT position, CASE WHEN same THEN 'already_recorded' ELSE 'already_recorded_with_different_content' END
FROM compared
WHERE nth > 1
ORDER BY position;

-- name: months_in_hot
SELECT DISTINCT strftime(decided_at, '%Y-%m') AS month FROM hot_decision ORDER BY month;

-- name: hot_month
SELECT * FROM hot_decision
WHERE decided_at >= $first_day::TIMESTAMP AND decided_at < $first_day::TIMESTAMP + INTERVAL 1 MONTH

-- name: write_draft
CREATE TABLE draft.decision AS SELECT * FROM ({source}) LIMIT 0;

-- name: fill_draft
-- One range of keys after the other, so that a sort fits into memory however large the file is.
INSERT INTO draft.decision SELECT * FROM ({source})
WHERE subject_key BETWEEN '{first}'::UUID AND '{last}'::UUID
ORDER BY subject_key, occurred_at;

-- name: checkpoint_draft
CHECKPOINT draft;

-- name: checkpoint
CHECKPOINT;

-- name: detach_draft
DETACH draft;

-- name: fingerprint
-- Equal for equal rows in any order; of one moment and one process, never stored.
SELECT count(*), bit_xor(hash(source_row)), sum(hash(source_row)::HUGEINT) FROM ({source}) AS source_row;

-- name: describe_segment
WITH minutes AS (
    SELECT DISTINCT epoch_ms(uuid_extract_timestamp(event_id)) // 60000 AS minute FROM ({source})
),
islands AS (
    SELECT minute, minute - row_number() OVER (ORDER BY minute) AS island FROM minutes
),
runs AS (
    SELECT min(minute) AS first_minute, max(minute) AS last_minute FROM islands GROUP BY island
)
SELECT
    count(*) AS row_count,
    min(event_id) AS first_event_id,
    max(event_id) AS last_event_id,
    min(occurred_at) AS first_occurred_at,
    max(occurred_at) AS last_occurred_at,
    (SELECT list({{'first': first_minute, 'last': last_minute}} ORDER BY first_minute) FROM runs) AS id_minutes
FROM ({source});

-- name: insert_segment
INSERT INTO segment BY NAME
SELECT $name AS name, $level AS level, $period AS period, $row_count AS row_count, $file_bytes AS file_bytes,
    $sha256 AS sha256, $first_event_id AS first_event_id, $last_event_id AS last_event_id,
    $id_minutes AS id_minutes, $first_occurred_at AS first_occurred_at, $last_occurred_at AS last_occurred_at,
    $sealed_at AS sealed_at;

-- name: delete_segment
DELETE FROM segment WHERE name = $name;

-- name: delete_hot_month
DELETE FROM hot_decision
WHERE decided_at >= $first_day::TIMESTAMP AND decided_at < $first_day::TIMESTAMP + INTERVAL 1 MONTH;

-- name: replace_view
CREATE OR REPLACE VIEW decision AS SELECT * FROM hot_decision{segments};

-- name: view_part
 UNION ALL BY NAME SELECT * FROM {alias}.decision

-- name: all_of_segment
SELECT * FROM {alias}.decision

-- name: kept_of_segment
SELECT * FROM {alias}.decision WHERE decided_at >= $before::TIMESTAMP

-- name: months_before
SELECT strftime({moment}, '%Y-%m') AS month, count(*) AS row_count
FROM {source} WHERE {moment} < $before::TIMESTAMP
GROUP BY month ORDER BY month;

-- name: delete_before
DELETE FROM {table} WHERE {moment} < $before::TIMESTAMP;

-- name: insert_purge
INSERT INTO purge BY NAME
SELECT $month AS month, $what AS what, $row_count AS row_count, $segment AS segment, $sha256 AS sha256,
    $purged_at AS purged_at;

-- name: purges
SELECT month, what, row_count, segment, sha256, purged_at FROM purge ORDER BY month, purged_at, segment;

-- name: purged_before
-- The month behind the last one of which decisions were deleted.
SELECT strptime(max(month) || '-01', '%Y-%m-%d')::TIMESTAMP + INTERVAL 1 MONTH AS purged_before
FROM purge WHERE what = 'decision';

-- name: segment_was_purged
SELECT 1 FROM purge WHERE segment = $segment LIMIT 1;

-- name: rows_nowhere_else
SELECT count(*) FROM {alias}.decision AS orphan ANTI JOIN decision USING (event_id);
