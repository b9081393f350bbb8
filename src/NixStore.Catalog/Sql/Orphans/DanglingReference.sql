-- Narinfos, and which of the paths that they refer to are not there. One that could not be read is there.
SELECT n.hash || '.narinfo' AS key, n.hash, n.last_modified_at AS last_modified, n.file_size AS size, d.missing, d.hash IS NOT NULL AS is_orphan
FROM narinfos n
LEFT JOIN (
    WITH gone AS (
        SELECT r.ref FROM (SELECT DISTINCT unnest("references") AS ref FROM narinfos) r
        ANTI JOIN (SELECT hash FROM narinfos UNION ALL SELECT hash FROM ({narinfos})) k ON k.hash = r.ref
    )
    SELECT e.hash, string_agg(e.ref, ' ' ORDER BY e.ref) AS missing
    FROM (SELECT hash, unnest("references") AS ref FROM narinfos) e
    SEMI JOIN gone g ON g.ref = e.ref
    GROUP BY e.hash
) d ON d.hash = n.hash
