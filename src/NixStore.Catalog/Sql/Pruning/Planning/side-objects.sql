-- What goes beside narinfos, listings and NARs: logs of derivations all of whose paths go, and what says by its contents that it belongs to what goes.
CREATE OR REPLACE TEMP TABLE logs AS
SELECT key, regexp_extract(key, '^log/([^/]+\.drv)(\.[a-z0-9]+)?$', 1) AS drv FROM cache_objects WHERE starts_with(key, 'log/');
CREATE OR REPLACE TEMP TABLE side_objects AS
WITH known AS (
    SELECT l.key, l.hash, l.url FROM links l
    JOIN link_objects o ON o.key = l.key AND o.e_tag IS NOT DISTINCT FROM l.e_tag
)
SELECT l.key, 'Log' AS kind, d.hash
FROM logs l JOIN (
    SELECT n.deriver, min(n.hash) AS hash, min(goes(n.hash)) AS all_go FROM narinfos n SEMI JOIN logs l ON l.drv = n.deriver GROUP BY n.deriver
) d ON d.deriver = l.drv
WHERE d.all_go = 1
UNION ALL
SELECT k.key, CASE WHEN starts_with(k.key, 'build-trace-v2/') THEN 'BuildTrace' ELSE 'Realisation' END, k.hash FROM known k WHERE k.url IS NULL AND goes(k.hash) = 1
UNION ALL
SELECT k.key, 'DebugInfo', p.hash FROM known k JOIN plan_nars p ON p.url = k.url WHERE k.hash IS NULL
