-- NARs. {urls}, {keys}: the same range of URLs and keys.
SELECT w.key, 'Nar' AS kind, 2::INTEGER AS wave, o.size, o.e_tag, o.last_modified_date, o.storage_class, w.hash
FROM (
    SELECT url AS key, hash FROM plan_nars WHERE {urls}
    UNION ALL
    SELECT key, NULL FROM orphan_nars WHERE mark = 1 AND {keys}
) w
LEFT JOIN (SELECT * FROM cache_objects WHERE {keys} AND NOT ends_with(key, '.narinfo')) o ON o.key = w.key
ORDER BY 1
