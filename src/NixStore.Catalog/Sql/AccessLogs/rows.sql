-- Requests as rows of the table downloads. Whoever asks for a NAR asks for every narinfo that names it.
WITH nars AS (SELECT nar, max(time) AS time, count(*) AS count FROM requests WHERE nar IS NOT NULL AND time IS NOT NULL GROUP BY nar),
     asked AS (
        SELECT hash, max(time) AS time, count(*) AS count, 0 AS nar_count FROM requests WHERE hash IS NOT NULL AND time IS NOT NULL GROUP BY hash
        UNION ALL
        SELECT n.hash, r.time, r.count, r.count FROM nars r JOIN narinfos n ON n.url = r.nar)
SELECT hash, max(time) AS last_download, CAST(sum(count) AS BIGINT) AS count, CAST(sum(nar_count) AS BIGINT) AS nar_count
FROM asked GROUP BY hash ORDER BY hash
