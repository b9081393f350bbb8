-- What is billed, by groups and storage classes. source: objects with group, size, time, class and is_narinfo. $1: the moment of deletion.
-- byte_days: of bytes that are deleted now, the days for which they are billed all the same.
WITH billed AS (
    SELECT s."group", s.class, s.is_narinfo, coalesce(s.size, 0) AS size, greatest(coalesce(s.size, 0), p.minimum_bytes) AS bytes, p.class IS NULL AS is_unknown,
        s.size >= p.monitored_bytes AS is_monitored,
        CASE WHEN s.time IS NULL THEN 0
             ELSE greatest(0, least(p.minimum_seconds, p.minimum_seconds - (epoch_ms($1::TIMESTAMP) - epoch_ms(s.time::TIMESTAMP)) // 1000)) END AS seconds
    FROM ({source}) s
    LEFT JOIN prices p ON p.class = s.class
)
SELECT "group", class, count(*) AS objects, total_size(bytes) AS bytes, (sum(bytes::HUGEINT * seconds) // 86400)::BIGINT AS byte_days,
    count(*) FILTER (is_monitored) AS monitored, count(*) FILTER (is_narinfo) AS narinfos, (sum(size) FILTER (is_narinfo))::BIGINT AS narinfo_bytes, bool_or(is_unknown) AS is_unknown
FROM billed
GROUP BY ALL
ORDER BY ALL
