-- Of an expression over narinfos; behind the join are the hashes of those whose NAR is counted with another one. (No placeholder here: what replaces it has lines.)
SELECT {group} AS "group",
       count(*) AS paths,
       count(*) FILTER (s.hash IS NULL) AS nars,
       sum(n.file_size) FILTER (s.hash IS NULL)::BIGINT AS file_size,
       sum(n.nar_size)::BIGINT AS nar_size
FROM narinfos n LEFT JOIN ({shared}) s ON s.hash = n.hash
GROUP BY ALL
ORDER BY {order}
