-- group: an expression over narinfos. shared: the hashes of those whose NAR is counted with another one.
SELECT {group} AS "group",
       count(*) AS paths,
       count(*) FILTER (s.hash IS NULL) AS nars,
       total_size(CASE WHEN s.hash IS NULL THEN n.file_size END) AS file_size,
       total_size(n.nar_size) AS nar_size
FROM narinfos n LEFT JOIN ({shared}) s ON s.hash = n.hash
GROUP BY ALL
ORDER BY {order}
