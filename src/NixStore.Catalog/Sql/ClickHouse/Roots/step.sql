-- On each shard: the narinfos of the frontier that were not reached before.
INSERT INTO {reached_shard} (hash, depth)
SELECT hash, {next} FROM {narinfos_shard}
WHERE {narinfos_parts} AND hash IN (SELECT hash FROM {frontier_shard} WHERE round = {round})
    AND hash NOT IN (SELECT hash FROM {reached_shard} WHERE hash IN (SELECT hash FROM {frontier_shard} WHERE round = {round}))
