-- The NARs of a plan as their narinfos say, for want of objects.
SELECT '' AS "group", file_size AS size, last_modified_at AS time, 'STANDARD' AS class, false AS is_narinfo FROM plan_narinfos SEMI JOIN plan_nars USING (hash)
