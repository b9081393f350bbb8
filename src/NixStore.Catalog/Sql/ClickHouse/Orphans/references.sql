-- On each shard: what narinfos refer to, sent there where it belongs.
INSERT INTO {referred} (hash)
SELECT DISTINCT arrayJoin("references") AS reference FROM {narinfos_shard} WHERE {narinfos_parts}
