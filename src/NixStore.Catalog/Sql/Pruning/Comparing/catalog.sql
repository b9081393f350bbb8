-- Paths of a plan of which the catalog says something else by now. {rooted}: a condition over a hash.
WITH kept AS (SELECT n.hash, n.pname, n.url, n."references" FROM narinfos n ANTI JOIN plan_narinfos p ON p.hash = n.hash),
found AS (
    SELECT 'Gone' AS kind, p.hash, NULL::VARCHAR AS "by" FROM plan_narinfos p ANTI JOIN narinfos n ON n.hash = p.hash
    UNION ALL
    SELECT 'Changed', p.hash, NULL FROM plan_narinfos p JOIN narinfos n ON n.hash = p.hash
    WHERE (n.url, n.nar_hash) IS DISTINCT FROM (p.url, p.nar_hash) OR n.last_modified_at IS DISTINCT FROM p.last_modified_at
    UNION ALL
    SELECT 'Referenced', e.reference, min(e.hash || '-' || e.pname) FROM (SELECT hash, pname, unnest("references") AS reference FROM kept) e
    SEMI JOIN plan_narinfos p ON p.hash = e.reference
    ANTI JOIN plan_dangling d ON d.hash = e.hash AND d.reference = e.reference
    GROUP BY e.reference
    UNION ALL
    SELECT 'NarShared', p.hash, min(k.hash || '-' || k.pname) FROM plan_narinfos p JOIN kept k ON k.url = p.url SEMI JOIN plan_objects o ON o.key = p.url GROUP BY p.hash
    UNION ALL
    SELECT 'Rooted', p.hash, NULL FROM plan_narinfos p WHERE {rooted}
)
SELECT f.kind, f.hash, p.pname, p.class, p.file_size, f."by" FROM found f JOIN plan_narinfos p ON p.hash = f.hash ORDER BY f.hash, f.kind
