-- The NARs, each once, as objects. group: an expression over narinfos. shared: the hashes of those whose NAR is counted with another one.
SELECT {group} AS "group", o.size, o.last_modified_date AS time, price_class(o.storage_class, o.intelligent_tiering_access_tier) AS class, false AS is_narinfo
FROM narinfos n
ANTI JOIN ({shared}) s ON s.hash = n.hash
JOIN (SELECT * FROM objects WHERE coalesce(is_latest, true) AND NOT coalesce(is_delete_marker, false) AND NOT ends_with(key, '.narinfo')) o ON o.key = n.url
