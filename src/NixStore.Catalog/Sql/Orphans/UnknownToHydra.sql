-- Narinfos of the cache, and whether Hydra does not know them.
SELECT c.hash || '.narinfo' AS key, c.hash, c.last_modified, CAST(NULL AS BIGINT) AS size, CAST(NULL AS VARCHAR) AS missing, h.hash IS NULL AS is_orphan
FROM (SELECT * FROM ({narinfos}) WHERE {range}) c
LEFT JOIN (SELECT hash FROM hydra WHERE {range}) h ON h.hash = c.hash
