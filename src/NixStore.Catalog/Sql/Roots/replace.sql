-- The table with the rows of some origins replaced. Each hash once of an origin.
SELECT * FROM roots WHERE origin NOT IN (SELECT origin FROM added_roots)
UNION ALL
SELECT * FROM (SELECT * FROM added_roots QUALIFY row_number() OVER (PARTITION BY origin, hash ORDER BY name) = 1)
ORDER BY hash NULLS FIRST, origin
