-- Added to counted.sql: the steps from the roots.
UNION ALL SELECT hash, toUInt8(0) AS is_shared, toUInt16(least(depth, 254) + 1) AS steps FROM {reached_shard}
