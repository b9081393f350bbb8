-- Debug information, realisations and build traces whose owner nobody knows.
SELECT count() FROM {objects}
WHERE {objects_parts} AND is_visible(is_latest, is_delete_marker) AND is_link(key)
    AND (key, ifNull(e_tag, ''), isNull(e_tag)) NOT IN (
        SELECT key, ifNull(e_tag, ''), isNull(e_tag) FROM {links_shard} WHERE {links_parts} AND (hash IS NOT NULL OR url IS NOT NULL))
