-- On each shard: the owners of objects that the cache does not have any more, or has in another state.
SELECT key FROM {links_shard}
WHERE {links_parts} AND (key, ifNull(e_tag, ''), isNull(e_tag)) NOT IN (
    SELECT key, ifNull(e_tag, ''), isNull(e_tag) FROM {objects_shard} WHERE {objects_parts} AND is_visible(is_latest, is_delete_marker) AND is_link(key))
