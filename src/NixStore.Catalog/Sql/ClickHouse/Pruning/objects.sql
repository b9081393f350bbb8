-- The condition for the objects of a shard that a plan depends on.
{objects_parts} AND (substring(key, 1, 32) IN (SELECT hash FROM {going_shard}) OR key IN (SELECT key FROM {wanted_keys_shard}) OR key IN (SELECT key FROM {given_nars_shard}))
