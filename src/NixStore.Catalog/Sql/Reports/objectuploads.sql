-- Objects of a day, and their bytes.
SELECT report_day(o.last_modified_date) AS day, count(*) AS count, sum(o.size)::BIGINT AS size
FROM objects o
WHERE coalesce(o.is_latest, true) AND NOT coalesce(o.is_delete_marker, false)
GROUP BY ALL
ORDER BY day NULLS FIRST
