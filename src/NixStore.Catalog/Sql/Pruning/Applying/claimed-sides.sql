-- Logs of derivations of which a path is needed, and debug information of NARs that stay: they bear the hash of one path, and belong to others as well.
WITH derivers AS (
    SELECT drv, because FROM claims WHERE drv IS NOT NULL
    UNION ALL
    SELECT n.deriver, k.because FROM kept k JOIN plan_narinfos n ON n.hash = k.hash)
SELECT o.key, min(d.because) FROM (SELECT key, regexp_extract(key, '^log/([^/]+\.drv)(\.[a-z0-9]+)?$', 1) AS drv FROM plan_objects WHERE kind = 'Log') o
JOIN derivers d ON d.drv = o.drv GROUP BY o.key
UNION ALL
SELECT o.key, min(k.because) FROM plan_objects o JOIN plan_narinfos n ON n.hash = o.hash JOIN kept k ON k.key = n.url WHERE o.kind = 'DebugInfo' GROUP BY o.key
ORDER BY 1
