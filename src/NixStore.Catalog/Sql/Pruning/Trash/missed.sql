-- What was asked for in vain since a moment: hash parts of narinfos, and keys of NARs.
SELECT DISTINCT coalesce(hash, nar) FROM ({requests}) WHERE coalesce(hash, nar) IS NOT NULL AND time >= CAST(? AS TIMESTAMP_MS) ORDER BY 1
