-- {group}: an expression over objects.
SELECT {group} AS group_name, count() AS objects, total_size(size) AS sizes
FROM {objects}
WHERE {objects_parts} AND is_visible(is_latest, is_delete_marker)
GROUP BY group_name
ORDER BY sizes DESC NULLS LAST, group_name
