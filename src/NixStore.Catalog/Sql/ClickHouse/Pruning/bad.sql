-- Narinfos of the listing that nobody can use.
SELECT count() FROM {objects}
WHERE {objects_parts} AND is_visible(is_latest, is_delete_marker) AND length(key) = 40 AND endsWith(key, '.narinfo')
    AND (key, ifNull(e_tag, ''), isNull(e_tag)) IN (
        SELECT key, ifNull(e_tag, ''), isNull(e_tag) FROM {findings_shard} WHERE {findings_parts})
