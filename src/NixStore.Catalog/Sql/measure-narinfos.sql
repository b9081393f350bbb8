-- group: an expression over narinfos. shared: the hashes of those whose NAR is counted with another one.
SELECT {group} AS "group",
       count(*) AS paths,
       count(*) FILTER (s.hash IS NULL) AS nars,
       sum(n.file_size) FILTER (s.hash IS NULL)::BIGINT AS file_size,
       sum(n.nar_size)::BIGINT AS nar_size
FROM narinfos n LEFT JOIN ({shared}) s ON s.hash = n.hash
GROUP BY ALL
ORDER BY {order}
