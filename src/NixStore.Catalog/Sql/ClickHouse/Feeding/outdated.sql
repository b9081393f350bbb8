-- On each shard: the narinfos of the table that the cache does not have any more, or has in another state. {gone}: the condition that one that is not in the listing is
-- gone. {keys}, {range}: what is worked on.
SELECT hash FROM {narinfos_shard} ANY LEFT JOIN (
    SELECT substring(key, 1, 32) AS hash, e_tag AS object_tag, toUInt8(1) AS has_object FROM {objects_shard}
    WHERE {objects_parts} AND {keys} AND is_visible(is_latest, is_delete_marker) AND length(key) = 40 AND endsWith(key, '.narinfo')
) AS known USING hash
WHERE {narinfos_parts} AND {range} AND ((has_object = 0 AND {gone}) OR ifNull(object_tag != e_tag, 0))
