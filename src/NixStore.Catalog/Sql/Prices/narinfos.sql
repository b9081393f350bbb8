-- The NARs, each once, as their narinfos say, for want of objects. group, shared: as of nars.sql.
SELECT {group} AS "group", n.file_size AS size, n.last_modified_at AS time, price_class(NULL, NULL) AS class, false AS is_narinfo
FROM narinfos n
ANTI JOIN ({shared}) s ON s.hash = n.hash
