-- Counts of a day.
SELECT CAST(last_modified AS DATE) AS day, count(*) AS count, count(*) FILTER (WHERE is_orphan) AS orphans
FROM ({kind})
WHERE {time}
GROUP BY day
