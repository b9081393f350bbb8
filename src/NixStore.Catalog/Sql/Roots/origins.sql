-- The origins of all roots.
SELECT origin, count(*) FROM roots GROUP BY origin ORDER BY origin
