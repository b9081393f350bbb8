-- {group}: an expression over narinfos. {join}: what tells the hashes of those whose NAR is counted with another one.
SELECT {group} AS group_name, count() AS paths, countIf(is_shared = 0) AS nars, total_size(if(is_shared = 0, file_size, NULL)) AS file_sizes, total_size(nar_size) AS nar_sizes
FROM {narinfos} {join}
WHERE {narinfos_parts}
GROUP BY group_name
ORDER BY {order}
