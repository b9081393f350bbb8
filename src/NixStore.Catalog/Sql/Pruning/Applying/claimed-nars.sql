-- NARs of the plan that somebody needs: by their keys, and those of paths that are kept.
WITH wanted AS (
    SELECT key, because FROM claims WHERE key IS NOT NULL
    UNION ALL
    SELECT n.url, c.because FROM claims c ANTI JOIN plan_dangling d ON d.hash = c.because AND d.reference = c.hash JOIN plan_narinfos n ON n.hash = c.hash)
SELECT w.key, min(w.because) FROM wanted w SEMI JOIN (SELECT key FROM plan_objects WHERE wave = 2) o ON o.key = w.key GROUP BY w.key ORDER BY w.key
