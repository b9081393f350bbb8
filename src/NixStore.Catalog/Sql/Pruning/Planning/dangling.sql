-- References of what stays to what goes. {range}: of hashes.
SELECT hash, pname, reference FROM (SELECT hash, pname, unnest("references") AS reference FROM narinfos WHERE {range} AND goes(hash) = 0)
WHERE goes(reference) = 1 GROUP BY ALL ORDER BY hash, reference
