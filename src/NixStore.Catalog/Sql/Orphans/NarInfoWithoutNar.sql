-- Narinfos, and whether the NAR that they name is not there.
SELECT n.hash || '.narinfo' AS key, n.hash, n.last_modified_at AS last_modified, n.file_size AS size, n.url AS missing, o.key IS NULL AS is_orphan
FROM narinfos n
LEFT JOIN (SELECT key FROM ({objects}) WHERE NOT ends_with(key, '.narinfo')) o ON o.key = n.url
