-- On each shard: narinfos whose NAR is not there.
INSERT INTO {found} (key, hash, last_modified, size, missing)
SELECT concat(hash, '.narinfo') AS key, hash, last_modified, size, url AS missing
FROM {named_shard}
WHERE {time} AND url NOT IN (
    SELECT key FROM {objects_shard}
    WHERE {objects_parts} AND is_visible(is_latest, is_delete_marker) AND NOT endsWith(key, '.narinfo') AND key IN (SELECT url FROM {named_shard}))
