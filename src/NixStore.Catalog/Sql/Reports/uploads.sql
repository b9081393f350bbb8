-- Narinfos of a day, and bytes of the NARs that are counted with them. shared: the hashes of those whose NAR is counted with another one.
SELECT report_day(n.last_modified_at) AS day, count(*) AS count, (sum(n.file_size) FILTER (s.hash IS NULL))::BIGINT AS size
FROM narinfos n LEFT JOIN ({shared}) s ON s.hash = n.hash
GROUP BY ALL
ORDER BY day NULLS FIRST
