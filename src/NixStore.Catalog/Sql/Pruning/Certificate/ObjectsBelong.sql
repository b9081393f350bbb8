-- Each object belongs to paths all of which go, or is a NAR that no narinfo names, and is there once, in its wave.
SELECT o.key AS example FROM plan_objects o ANTI JOIN expected e ON e.key = o.key AND e.kind = o.kind AND e.wave = o.wave
WHERE NOT (o.kind = 'Nar' AND o.hash IS NULL AND o.wave = 2 AND is_nar_key(o.key))
UNION ALL
SELECT o.key FROM plan_objects o SEMI JOIN narinfos n ON n.url = o.key WHERE o.kind = 'Nar' AND o.hash IS NULL
UNION ALL
SELECT o.key FROM plan_objects o ANTI JOIN plan_narinfos p ON p.hash = o.hash WHERE o.hash IS NOT NULL
UNION ALL
SELECT key FROM plan_objects GROUP BY key HAVING count(*) > 1
