-- What a shard has of the tables, by parts; and for how many seconds it has been running.
SELECT '' AS "table", '' AS partition, toUInt64(uptime()) AS number
UNION ALL
SELECT table, partition, sum(rows) AS number FROM system.parts WHERE active AND database = {database} AND endsWith(table, '_shard') AND NOT startsWith(table, 'work_') GROUP BY table, partition
