-- Rows of objects that the cache does not have any more, or has in another state.
SELECT l.key
FROM links l
LEFT JOIN objects o ON o.key = l.key AND coalesce(o.is_latest, true) AND NOT coalesce(o.is_delete_marker, false)
WHERE o.key IS NULL OR o.e_tag IS DISTINCT FROM l.e_tag
