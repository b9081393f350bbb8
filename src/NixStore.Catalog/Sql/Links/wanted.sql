-- The objects to be read: those that the table has not, or has in another state. Each once, whatever the listing says.
SELECT o.key, min(o.e_tag) AS e_tag, min(o.last_modified_date) AS last_modified_date, min(o.size) AS size
FROM objects o
WHERE object_kind(o.key) IN ('DebugInfo', 'Realisation') AND coalesce(o.is_latest, true) AND NOT coalesce(o.is_delete_marker, false)
  AND NOT EXISTS (SELECT 1 FROM links l WHERE l.key = o.key AND l.e_tag IS NOT DISTINCT FROM o.e_tag)
GROUP BY o.key ORDER BY o.key
