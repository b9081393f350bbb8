-- On each shard: the derivers of what goes, sent there where their logs will be.
INSERT INTO {derivers} (drv)
SELECT ifNull(deriver, '') FROM {narinfos_shard} WHERE {narinfos_parts} AND deriver IS NOT NULL AND hash IN (SELECT hash FROM {going_shard})
