-- Nothing goes that is too young, or of which nobody knows how old it is: neither narinfo nor NAR, also by the ages of classes.
SELECT n.hash AS example FROM narinfos n SEMI JOIN plan_narinfos p ON p.hash = n.hash, policy
WHERE policy.asks_age AND NOT coalesce(n.last_modified_at <= policy.too_young_since, false)
UNION ALL
SELECT n.url FROM narinfos n SEMI JOIN plan_narinfos p ON p.hash = n.hash JOIN objects o ON o.key = n.url, policy
WHERE policy.asks_age AND NOT coalesce(o.last_modified_date <= policy.too_young_since, false) AND is_nar_key(n.url)
UNION ALL
SELECT o.key FROM plan_objects g JOIN objects o ON o.key = g.key, policy
WHERE g.kind = 'Nar' AND policy.asks_age AND NOT coalesce(o.last_modified_date <= policy.too_young_since, false)
UNION ALL
SELECT n.hash FROM narinfos n SEMI JOIN plan_narinfos p ON p.hash = n.hash, policy
WHERE EXISTS (SELECT 1 FROM classes) AND NOT EXISTS (
    SELECT 1 FROM classes c WHERE n.pname GLOB c.pattern AND (coalesce(c.age, 0) = 0 OR n.last_modified_at <= policy.created_at - to_seconds(c.age)))
