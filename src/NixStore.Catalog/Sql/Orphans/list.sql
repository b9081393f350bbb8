-- What was found, with what the narinfos say of it.
SELECT f.key, f.hash, n.pname, coalesce(f.size, n.file_size) AS size, f.last_modified, f.missing
FROM found f
LEFT JOIN narinfos n ON n.hash = f.hash
ORDER BY f.key
