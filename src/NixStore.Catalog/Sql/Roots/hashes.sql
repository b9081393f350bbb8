-- The hashes that are roots at the moment {now}; some come several times. Of what has no time nobody can say that it is older.
WITH valid AS (SELECT hash, maximum_age FROM roots WHERE expires_at IS NULL OR expires_at > {now})
SELECT hash FROM valid WHERE hash IS NOT NULL
UNION ALL
SELECT n.hash FROM narinfos n, (SELECT max(maximum_age) AS maximum_age FROM valid WHERE hash IS NULL) a
WHERE a.maximum_age IS NOT NULL AND coalesce(n.last_modified_at >= {now} - to_seconds(a.maximum_age), true)
