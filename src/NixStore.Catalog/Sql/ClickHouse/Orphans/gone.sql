-- On each shard: what is referred to and is not there. One that could not be read is there. {range}, {keys}: the hashes and keys that are worked on.
INSERT INTO {gone_shard} (hash)
SELECT DISTINCT hash FROM {referred_shard}
WHERE {range} AND hash NOT IN (SELECT hash FROM {narinfos_shard} WHERE {narinfos_parts} AND {range})
    AND hash NOT IN (SELECT substring(key, 1, 32) FROM {objects_shard} WHERE {objects_parts} AND {keys} AND is_visible(is_latest, is_delete_marker) AND object_kind(key) = 'NarInfo')
