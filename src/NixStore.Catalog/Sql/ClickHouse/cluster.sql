-- The servers of a cluster; a shard that comes twice has replicas. {cluster}: its name.
SELECT toUInt64(shard_num), host_name, toUInt64(port), toUInt64(shard_weight) FROM system.clusters WHERE cluster = {cluster} ORDER BY shard_num
