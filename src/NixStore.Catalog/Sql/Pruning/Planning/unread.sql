-- Narinfos of the listing that the table has not, or has in another state. {range}: of keys. {hashes}: the same of hashes.
SELECT count(*)
FROM (SELECT left(key, 32) AS hash, key, e_tag FROM cache_objects WHERE {range} AND ends_with(key, '.narinfo') AND object_kind(key) = 'NarInfo') o
ANTI JOIN (SELECT DISTINCT key, e_tag FROM findings) f ON f.key = o.key AND f.e_tag IS NOT DISTINCT FROM o.e_tag
WHERE NOT EXISTS (SELECT 1 FROM (SELECT hash, e_tag FROM narinfos WHERE {hashes}) n WHERE n.hash = o.hash AND (n.e_tag = o.e_tag OR n.e_tag IS NULL OR o.e_tag IS NULL))
