-- The findings about narinfos that the cache does not have any more, or has in another state, or that are asked for again, as nothing was read.
SELECT f.key FROM findings f
LEFT JOIN objects o ON o.key = f.key AND coalesce(o.is_latest, true) AND NOT coalesce(o.is_delete_marker, false)
WHERE ends_with(f.key, '.narinfo') AND (o.key IS NULL OR o.e_tag IS DISTINCT FROM f.e_tag OR is_unread(f.kind))
