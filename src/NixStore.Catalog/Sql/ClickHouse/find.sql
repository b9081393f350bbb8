-- {depth}: steps from the nearest root, or NULL. {join}: what tells them.
SELECT hash, pname, url, compression, file_hash, file_size, nar_hash, nar_size, "references", deriver, system, ca, signatures, last_modified_at, {depth} AS depth
FROM {narinfos} {join}
WHERE {narinfos_parts} AND {range} AND ({condition})
