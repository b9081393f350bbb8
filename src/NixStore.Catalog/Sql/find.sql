-- {depth}: steps from the nearest root, or NULL.
SELECT hash, pname, url, compression, file_hash, file_size, nar_hash, nar_size, "references", deriver, system, ca, signatures, last_modified_at, {depth} AS depth
FROM narinfos
WHERE {condition}
