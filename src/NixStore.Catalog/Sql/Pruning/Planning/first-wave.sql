-- All objects but NARs. {keys}, {hashes}: the same range of keys and hashes.
SELECT coalesce(o.key, w.key) AS key, w.kind, 1::INTEGER AS wave, o.size, o.e_tag, o.last_modified_date, o.storage_class, w.hash
FROM (
    SELECT hash || '.narinfo' AS key, 'NarInfo' AS kind, hash FROM plan_narinfos WHERE {hashes}
    UNION ALL
    SELECT key, 'Listing', left(key, 32) FROM cache_objects WHERE {keys} AND substr(key, 33, 3) = '.ls' AND object_kind(key) = 'Listing' AND goes(left(key, 32)) = 1
    UNION ALL
    SELECT key, kind, hash FROM side_objects WHERE {keys}
) w
LEFT JOIN (SELECT * FROM cache_objects WHERE {keys} AND NOT starts_with(key, 'nar/')) o ON o.key = w.key
ORDER BY 1
