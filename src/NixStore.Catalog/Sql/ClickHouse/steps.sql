-- Joined to narinfos: how far each is from the nearest root. {range}: the hashes that are worked on.
ANY LEFT JOIN (SELECT hash, toUInt16(least(depth, 254) + 1) AS steps FROM {reached_shard} WHERE {range}) AS walked USING hash
