-- The narinfos of the table that the cache does not have any more, or has in another state.
SELECT n.hash
FROM narinfos n
LEFT JOIN objects o ON o.key = n.hash || '.narinfo' AND coalesce(o.is_latest, true) AND NOT coalesce(o.is_delete_marker, false)
WHERE o.key IS NULL OR (o.e_tag <> n.e_tag)
