-- Narinfos of the cache that may need something of the plan: others that are newer than the plan's catalog, or back from a trash; those of the plan that
-- are back from a trash, or not as the plan has seen them; and those that the plan was through with and that are there all the same.
SELECT DISTINCT l.hash FROM listed l
LEFT JOIN plan_narinfos n ON n.hash = l.hash
LEFT JOIN (SELECT key, e_tag, last_modified_date FROM plan_objects WHERE kind = 'NarInfo') o ON o.key = l.hash || '.narinfo'
WHERE CASE WHEN n.hash IS NULL THEN l.is_fresh ELSE
    l.is_back
    OR EXISTS (SELECT 1 FROM taken WHERE l.hash || '.narinfo' BETWEEN taken.first AND taken.last)
    OR NOT (coalesce(o.e_tag = l.e_tag, true)
        AND coalesce(abs(epoch_ms(l.modified) - epoch_ms(coalesce(o.last_modified_date, n.last_modified_at))) < 1000, l.modified < CAST(? AS TIMESTAMP_MS)))
    END
ORDER BY 1
