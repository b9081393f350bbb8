-- On each shard: the findings about narinfos that the cache does not have any more, or has in another state.
SELECT key FROM {findings_shard}
WHERE {findings_parts} AND endsWith(key, '.narinfo') AND (is_unread(kind) OR (key, ifNull(e_tag, ''), isNull(e_tag)) NOT IN (
    SELECT key, ifNull(e_tag, ''), isNull(e_tag) FROM {objects_shard}
    WHERE {objects_parts} AND is_visible(is_latest, is_delete_marker) AND key IN (SELECT key FROM {findings_shard} WHERE {findings_parts})))
