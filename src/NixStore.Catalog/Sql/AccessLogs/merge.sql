-- One row a hash of several parts of the table downloads.
SELECT hash, max(last_download) AS last_download, CAST(sum(count) AS BIGINT) AS count, CAST(sum(nar_count) AS BIGINT) AS nar_count
FROM {source} WHERE {range} GROUP BY hash ORDER BY hash
