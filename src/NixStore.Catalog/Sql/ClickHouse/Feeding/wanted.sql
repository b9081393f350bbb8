-- On each shard: the narinfos to be read: those that the table has not, or has in another state. A finding counts as having it. {keys}, {range}: what is worked on.
SELECT substring(key, 1, 32) AS hash, min(e_tag) AS tag, min(last_modified_date) AS modified, min(size) AS least_size
FROM {objects_shard} ANY LEFT JOIN (
    SELECT concat(hash, '.narinfo') AS key, e_tag AS row_tag, toUInt8(1) AS has_row FROM {narinfos_shard} WHERE {narinfos_parts} AND {range}
) AS known USING key
WHERE {objects_parts} AND {keys} AND is_visible(is_latest, is_delete_marker) AND object_kind(key) = 'NarInfo'
    AND (has_row = 0 OR (NOT isNull(e_tag) AND NOT isNull(row_tag) AND e_tag != row_tag))
    AND (key, ifNull(e_tag, ''), isNull(e_tag)) NOT IN (SELECT key, ifNull(e_tag, ''), isNull(e_tag) FROM {findings_shard} WHERE {findings_parts} AND NOT is_unread(kind))
GROUP BY hash
