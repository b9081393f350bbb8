-- What a shard says of itself: for how many seconds it has been running; what the cluster is by its configuration; which shard it was when the catalog was made; and what it
-- has of the tables, by partitions. {cluster}, {database}: their names.
SELECT 'uptime' AS kind, '' AS name, '' AS detail, toUInt64(uptime()) AS number
UNION ALL
SELECT 'shard' AS kind, host_name AS name, concat(toString(port), ' ', toString(shard_weight)) AS detail, toUInt64(shard_num) AS number FROM system.clusters WHERE cluster = {cluster}
UNION ALL
SELECT 'place' AS kind, name, '' AS detail, toUInt64(0) AS number FROM system.tables WHERE database = {database} AND match(name, '^shard_[0-9]{1,9}$')
UNION ALL
SELECT 'rows' AS kind, table AS name, partition AS detail, sum(rows) AS number
FROM system.parts WHERE active AND database = {database} AND endsWith(table, '_shard') AND NOT startsWith(table, 'work_') GROUP BY table, partition
