-- One row a path in the trash: its narinfo, with the objects that belong to it alone and its NAR.
WITH sides AS (SELECT plan, hash, count(*) AS count, CAST(sum(size) AS BIGINT) AS size FROM trash WHERE kind NOT IN ('NarInfo', 'Nar') GROUP BY plan, hash)
SELECT n.plan, n.hash, n.name, n.taken_at, 1 + coalesce(s.count, 0) + CASE WHEN r.key IS NULL THEN 0 ELSE 1 END, n.size + coalesce(s.size, 0) + coalesce(r.size, 0), r.key IS NOT NULL
FROM trash n
LEFT JOIN sides s ON s.plan = n.plan AND s.hash = n.hash
LEFT JOIN trash r ON r.plan = n.plan AND r.key = n.url AND r.kind = 'Nar'
WHERE n.kind = 'NarInfo' AND {filter}
ORDER BY n.plan, n.hash
