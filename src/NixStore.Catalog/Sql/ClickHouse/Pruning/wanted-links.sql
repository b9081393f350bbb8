-- On each shard: debug information, realisations and build traces of what goes.
INSERT INTO {wanted_keys_shard} (key)
SELECT key FROM {links_shard}
WHERE {links_parts} AND (ifNull(hash, '') GLOBAL IN (SELECT hash FROM {going}) OR ifNull(url, '') GLOBAL IN (SELECT key FROM {wanted_keys}))
