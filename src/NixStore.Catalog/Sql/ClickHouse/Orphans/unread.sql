-- Narinfos of the listing that were not read. {keys}, {range}: the keys and hashes that are worked on.
SELECT count() FROM {objects}
WHERE {objects_parts} AND {keys} AND is_visible(is_latest, is_delete_marker) AND object_kind(key) = 'NarInfo'
    AND substring(key, 1, 32) NOT IN (SELECT hash FROM {narinfos_shard} WHERE {narinfos_parts} AND {range})
