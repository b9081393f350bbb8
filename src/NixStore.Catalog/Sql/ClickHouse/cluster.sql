-- The servers of a cluster; a shard that comes twice has replicas. {cluster}: its name.
SELECT shard_num, host_name FROM system.clusters WHERE cluster = {cluster} ORDER BY shard_num
