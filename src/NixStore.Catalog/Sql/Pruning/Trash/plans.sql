-- What each plan has in the trash.
SELECT plan, count(*) FILTER (WHERE kind = 'NarInfo'), count(*), CAST(sum(size) AS BIGINT), min(taken_at), max(taken_at) FROM trash GROUP BY plan ORDER BY plan
