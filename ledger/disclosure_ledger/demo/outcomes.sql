-- How often the gate gave each answer, for which reason.
SELECT outcome, reason, count(*) AS disclosures
FROM decision
GROUP BY outcome, reason
ORDER BY disclosures DESC, outcome, reason
