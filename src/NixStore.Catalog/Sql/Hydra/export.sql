-- The narinfos of a range behind a hash ($1), in order.
SELECT hash, pname, url, file_size, nar_size, "references"
FROM narinfos
WHERE {range} AND hash > $1
ORDER BY hash
