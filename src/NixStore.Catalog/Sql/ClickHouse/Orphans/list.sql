-- What was found, with what the narinfos say of it.
SELECT key, if(hash = '', NULL, hash) AS hash_part, pname, coalesce(size, file_size) AS known_size, last_modified, missing
FROM {found}
ANY LEFT JOIN (SELECT hash, pname, file_size FROM {narinfos_shard} WHERE {narinfos_parts} AND hash IN (SELECT hash FROM {found_shard})) AS known USING hash
ORDER BY key
