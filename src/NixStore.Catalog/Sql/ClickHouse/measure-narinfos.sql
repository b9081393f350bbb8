-- {group}: an expression over narinfos. {join}: what tells the hashes of those whose NAR is counted with another one.
SELECT {group} AS group_name, count() AS paths, countIf(is_shared = 0) AS nars, sumIf(file_size, is_shared = 0) AS file_sizes, sum(nar_size) AS nar_sizes
FROM {narinfos} {join}
WHERE {narinfos_parts}
GROUP BY group_name
ORDER BY {order}
