-- The narinfos with the largest NARs, each NAR once. shared: as of uploads.sql. $1: how many.
SELECT n.hash, n.pname, n.file_size, n.nar_size, report_day(n.last_modified_at) AS day
FROM narinfos n ANTI JOIN ({shared}) s ON s.hash = n.hash
WHERE n.file_size IS NOT NULL
ORDER BY n.file_size DESC, n.hash
LIMIT $1
