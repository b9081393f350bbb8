-- The narinfos of the table that the cache does not have any more, or has in another state. {listed}: when the inventory was made; NULL for a listing.
SELECT n.hash
FROM narinfos n
LEFT JOIN objects o ON o.key = n.hash || '.narinfo' AND coalesce(o.is_latest, true) AND NOT coalesce(o.is_delete_marker, false)
WHERE (o.key IS NULL AND ({listed}::TIMESTAMP IS NULL OR n.last_modified_at < {listed}::TIMESTAMP)) OR o.e_tag <> n.e_tag
