-- The narinfos whose NAR another one with a lesser hash names too. {bucket}: a condition over urls, so that not all have to be in memory at once.
INSERT INTO {doubled} (hash)
SELECT hash FROM {narinfos}
WHERE {narinfos_parts} AND {bucket}
    AND url GLOBAL IN (SELECT url FROM {narinfos} WHERE {narinfos_parts} AND {bucket} GROUP BY url HAVING count() > 1)
    AND hash GLOBAL NOT IN (SELECT min(hash) FROM {narinfos} WHERE {narinfos_parts} AND {bucket} GROUP BY url HAVING count() > 1)
