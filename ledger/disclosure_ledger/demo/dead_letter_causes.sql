-- Why records could not be taken in.
SELECT cause, count(*) AS records
FROM dead_letter
GROUP BY cause
ORDER BY records DESC, cause
