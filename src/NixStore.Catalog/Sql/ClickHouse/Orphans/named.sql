-- On each shard: what narinfos name as their NARs, sent there where these are.
INSERT INTO {named} (url, hash, last_modified, size)
SELECT ifNull(url, ''), hash, last_modified_at, file_size FROM {narinfos_shard} WHERE {narinfos_parts}
