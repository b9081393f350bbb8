-- Narinfos of the listing that the table has not, or has in another state, and of which nobody knows that they are of no use. {keys}, {range}: the keys and hashes that
-- are worked on. What is compared is on one shard; states are compared as far as both are known.
SELECT countIf(has_row = 0 OR (NOT isNull(e_tag) AND NOT isNull(row_tag) AND e_tag != row_tag)) AS unread
FROM {objects} ANY LEFT JOIN (
    SELECT concat(hash, '.narinfo') AS key, e_tag AS row_tag, toUInt8(1) AS has_row FROM {narinfos_shard} WHERE {narinfos_parts} AND {range}
) AS known USING key
WHERE {objects_parts} AND {keys} AND is_visible(is_latest, is_delete_marker) AND object_kind(key) = 'NarInfo'
    AND (key, ifNull(e_tag, ''), isNull(e_tag)) NOT IN (
        SELECT key, ifNull(e_tag, ''), isNull(e_tag) FROM {findings_shard} WHERE {findings_parts})
