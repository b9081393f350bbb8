-- On each shard: the objects whose owners are to be read.
SELECT key, min(e_tag) AS tag, min(last_modified_date) AS modified, min(size) AS least_size
FROM {objects_shard}
WHERE {objects_parts} AND is_visible(is_latest, is_delete_marker) AND is_link(key)
    AND (key, ifNull(e_tag, ''), isNull(e_tag)) NOT IN (SELECT key, ifNull(e_tag, ''), isNull(e_tag) FROM {links_shard} WHERE {links_parts})
GROUP BY key
