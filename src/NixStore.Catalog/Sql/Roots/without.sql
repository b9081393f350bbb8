-- The table without some rows. What was added anew meanwhile stays.
SELECT * FROM roots r
ANTI JOIN removed_roots d ON d.origin = r.origin AND d.hash IS NOT DISTINCT FROM r.hash AND d.added_at = r.added_at
ORDER BY hash NULLS FIRST, origin
