-- Roots by their origins. {now}: the moment that counts. A rule stands for the narinfos that it makes roots.
WITH asked AS (SELECT * FROM roots WHERE {condition}),
     single AS (
        SELECT r.kind, r.origin, r.added_at, r.expires_at, 1 AS count, CASE WHEN n.hash IS NULL THEN 0 ELSE 1 END AS in_cache
        FROM asked r LEFT JOIN (SELECT hash FROM narinfos) n ON n.hash = r.hash
        WHERE r.hash IS NOT NULL
        UNION ALL
        SELECT r.kind, r.origin, r.added_at, r.expires_at, y.count, y.count
        FROM asked r, LATERAL (SELECT count(*) AS count FROM narinfos n WHERE coalesce(n.last_modified_at >= {now} - to_seconds(r.maximum_age), true)) y
        WHERE r.hash IS NULL)
SELECT kind, origin, CAST(sum(count) AS BIGINT), CAST(sum(in_cache) AS BIGINT), CAST(coalesce(sum(count) FILTER (expires_at <= {now}), 0) AS BIGINT),
    max(added_at), min(expires_at)
FROM single
GROUP BY kind, origin
ORDER BY origin, kind
