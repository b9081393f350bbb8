-- group: an expression over objects.
SELECT {group} AS "group", count(*) AS objects, total_size(o.size) AS size
FROM objects o
WHERE coalesce(o.is_latest, true) AND NOT coalesce(o.is_delete_marker, false)
GROUP BY ALL
ORDER BY {order}
