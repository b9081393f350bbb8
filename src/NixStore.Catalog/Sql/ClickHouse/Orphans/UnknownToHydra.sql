-- On each shard: narinfos of the cache that Hydra does not know. {hash}, {modified}: expressions over {source}, of which {condition} holds. {range}: the hashes that are worked on.
INSERT INTO {found} (key, hash, last_modified, size, missing)
SELECT concat({hash}, '.narinfo') AS found_key, {hash} AS found_hash, {modified} AS last_modified, NULL AS found_size, NULL AS missing
FROM {source_shard}
WHERE {condition} AND {time} AND {hash} NOT IN (SELECT hash FROM {hydra_shard} WHERE {hydra_parts})
