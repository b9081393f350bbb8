-- The condition for the links of a shard that a plan depends on.
{links_parts} AND key IN (SELECT key FROM {wanted_keys_shard})
