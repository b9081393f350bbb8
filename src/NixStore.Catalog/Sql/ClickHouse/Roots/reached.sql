-- On each shard: the narinfos that are roots. {now}: the moment that counts. {young}: the condition that a rule makes a narinfo a root.
INSERT INTO {reached_shard} (hash, depth)
SELECT hash, 0 FROM {narinfos_shard}
WHERE {narinfos_parts} AND ({young} OR hash IN (
    SELECT assumeNotNull(hash) FROM {roots_shard} WHERE {roots_parts} AND hash IS NOT NULL AND (expires_at IS NULL OR expires_at > {now})))
