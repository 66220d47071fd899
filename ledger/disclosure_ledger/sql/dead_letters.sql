-- Dead letters, a page at a time.

-- name: dead_letter_page
SELECT original_topic, original_partition, original_offset, cause, detail, consumer, failed_at,
    topic_partition, topic_offset
FROM dead_letter
WHERE ($cause::VARCHAR IS NULL OR cause = $cause::VARCHAR)
    AND ($before_at::TIMESTAMP IS NULL
        OR (failed_at, topic_partition, topic_offset)
            < ($before_at::TIMESTAMP, $before_partition::BIGINT, $before_offset::BIGINT))
ORDER BY failed_at DESC, topic_partition DESC, topic_offset DESC
LIMIT $most;
