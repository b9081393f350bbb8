-- On each shard: the addresses of what goes, sent there where these objects are.
INSERT INTO {wanted_keys} (key)
SELECT ifNull(url, '') FROM {narinfos_shard} WHERE {narinfos_parts} AND hash IN (SELECT hash FROM {going_shard})
