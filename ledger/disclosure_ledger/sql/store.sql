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
    first_occurred_at, last_occurred_at, sealed_at, layout
FROM segment ORDER BY name;

-- name: next_offsets
SELECT topic, partition, next_offset FROM kafka_offset ORDER BY topic, partition;

-- name: newest_hot_event_id
SELECT max(event_id) FROM hot_decision_row;

-- name: rows_of_subject
-- No ORDER BY ... LIMIT here: a Top-N would read every row group.
SELECT {columns} FROM decision WHERE subject_key = $subject_key::UUID;

-- name: rows_in
-- The key is written out: DuckDB plans a prepared statement anew for each key, which costs more.
SELECT {columns} FROM {source} WHERE subject_key = '{subject_key}'::UUID

-- name: has_views
SELECT 1 FROM duckdb_views() WHERE view_name = 'decision_row' AND database_name = current_database();

-- name: parts_by_number
SELECT number, * EXCLUDE (number) FROM {source} WHERE number IN ({numbers});

-- name: newest_parts
SELECT * FROM {part} ORDER BY number DESC LIMIT {most};

-- name: last_number
SELECT coalesce(max(number), 0) FROM {part};

-- name: insert_parts
INSERT INTO {part} BY NAME SELECT * FROM incoming;

-- name: subjects_in
SELECT subject_key FROM {source};

-- name: hot_rows
SELECT count(*) AS hot_rows FROM hot_decision_row;

-- name: counts
SELECT
    (SELECT count(*) FROM hot_decision_row) AS hot_rows,
    (SELECT count(*) FROM preference WHERE status = 'recorded') AS preferences,
    (SELECT count(*) FROM identity_link WHERE status = 'recorded') AS identities,
    (SELECT count(*) FROM dead_letter) AS dead_letters,
    (SELECT count(*) FROM unreadable) AS unreadable;

-- name: repeat_counts
SELECT status, count(*) AS decisions FROM repeat GROUP BY status ORDER BY status;

-- name: insert_decisions
INSERT INTO hot_decision_row BY NAME SELECT *, $recorded_at::TIMESTAMP AS recorded_at FROM incoming;

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
SELECT DISTINCT strftime(decided_at, '%Y-%m') AS month FROM hot_decision_row ORDER BY month;

-- name: hot_month
SELECT * FROM hot_decision_row
WHERE decided_at >= $first_day::TIMESTAMP AND decided_at < $first_day::TIMESTAMP + INTERVAL 1 MONTH

-- name: write_draft
CREATE TABLE draft.decision_row AS SELECT * FROM ({source}) LIMIT 0;

-- name: fill_draft
-- One range of keys after the other, so that a sort fits into memory however large the file is.
INSERT INTO draft.decision_row SELECT * FROM ({source})
WHERE subject_key BETWEEN '{first}'::UUID AND '{last}'::UUID
ORDER BY subject_key, occurred_at;

-- name: fill_draft_part
CREATE TABLE draft.{part} AS
SELECT DISTINCT ON (number) * FROM ({source})
WHERE number IN (SELECT {part} FROM draft.decision_row)
ORDER BY number;

-- name: view_draft
CREATE VIEW draft.decision AS {decisions};

-- name: decisions
-- Rows and their parts as the columns of `decision`. As a view of a sealed file it means the tables of that file,
-- under whatever name it is attached.
SELECT {columns}
FROM decision_row
JOIN content ON content.number = decision_row.content
JOIN ruling ON ruling.number = decision_row.ruling
JOIN basis ON basis.number = decision_row.basis
JOIN producer ON producer.number = decision_row.producer

-- name: used_part
SELECT DISTINCT ON (number) * FROM ({source}) WHERE number IN (SELECT {part} FROM {alias}.decision_row)

-- name: number_parts
-- New numbers for the parts of a file of the first layout.
INSERT INTO {part} BY NAME
SELECT (SELECT coalesce(max(number), 0) FROM {part}) + row_number() OVER () AS number, *
FROM (SELECT DISTINCT {columns} FROM {alias}.decision);

-- name: numbered_rows
-- Rows of a file of the first layout with the numbers that its parts were given.
SELECT {columns} FROM {alias}.decision AS d {joins}

-- name: numbered_part
JOIN ({source}) AS {part} ON ROW({theirs}) IS NOT DISTINCT FROM ROW({ours})

-- name: parts_between
SELECT * FROM {part} WHERE number > {after} AND number <= {last}

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
    $sealed_at AS sealed_at, $layout AS layout;

-- name: delete_segment
DELETE FROM segment WHERE name = $name;

-- name: delete_hot_month
DELETE FROM hot_decision_row
WHERE decided_at >= $first_day::TIMESTAMP AND decided_at < $first_day::TIMESTAMP + INTERVAL 1 MONTH;

-- name: replace_view
CREATE OR REPLACE VIEW decision AS SELECT * FROM hot_decision{segments};
CREATE OR REPLACE VIEW decision_row AS SELECT {columns} FROM hot_decision_row{rows};

-- name: view_part
 UNION ALL BY NAME SELECT * FROM {alias}.decision

-- name: view_rows_part
 UNION ALL SELECT {columns} FROM {source}

-- name: all_of_source
SELECT * FROM {source}

-- name: row_columns
SELECT {columns} FROM {source}

-- name: kept_of_source
SELECT * FROM ({source}) WHERE decided_at >= $before::TIMESTAMP

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
SELECT count(*) FROM {source} AS orphan ANTI JOIN decision_row USING (event_id);
