-- A condition over narinfos: Hydra does not know it. {range}: the hashes that are worked on.
hash NOT IN (SELECT hash FROM {hydra_shard} WHERE {hydra_parts} AND {range})
