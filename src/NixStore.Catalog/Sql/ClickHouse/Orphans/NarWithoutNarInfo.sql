-- On each shard: NARs of the cache that no narinfo names.
INSERT INTO {found} (key, hash, last_modified, size, missing)
SELECT key, '' AS hash, last_modified_date AS last_modified, size, NULL AS missing
FROM {objects_shard}
WHERE {objects_parts} AND is_visible(is_latest, is_delete_marker) AND object_kind(key) = 'Nar' AND {time} AND key NOT IN (SELECT url FROM {named_shard})
