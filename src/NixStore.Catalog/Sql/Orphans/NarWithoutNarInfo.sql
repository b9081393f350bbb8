-- NARs of the cache, and whether no narinfo names them.
SELECT o.key, CAST(NULL AS VARCHAR) AS hash, o.last_modified_date AS last_modified, o.size, CAST(NULL AS VARCHAR) AS missing, u.url IS NULL AS is_orphan
FROM ({objects}) o
LEFT JOIN (SELECT DISTINCT url FROM narinfos) u ON u.url = o.key
WHERE object_kind(o.key) = 'Nar'
