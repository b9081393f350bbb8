-- Each path of the plan is in the catalog, once and as the plan says.
SELECT p.hash AS example FROM plan_narinfos p LEFT JOIN narinfos n ON n.hash = p.hash
WHERE n.hash IS NULL OR (n.pname, n.url, n.nar_hash, n.nar_size) IS DISTINCT FROM (p.pname, p.url, p.nar_hash, p.nar_size)
    OR n.file_size IS DISTINCT FROM p.file_size OR n.last_modified_at IS DISTINCT FROM p.last_modified_at OR n.deriver IS DISTINCT FROM p.deriver
UNION ALL
SELECT hash FROM plan_narinfos GROUP BY hash HAVING count(*) > 1
