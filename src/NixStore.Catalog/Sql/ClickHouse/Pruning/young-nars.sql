-- On each shard: NARs that are too young, or of which nobody knows how old they are. {since}: the moment.
INSERT INTO {young_nars_shard} (key)
SELECT key FROM {objects_shard}
WHERE {objects_parts} AND is_visible(is_latest, is_delete_marker) AND (last_modified_date > {since} OR last_modified_date IS NULL) AND is_nar_key(key)
