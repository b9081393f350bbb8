-- The objects of a plan, as they are priced.
SELECT '' AS "group", size, last_modified_date AS time, coalesce(storage_class, 'STANDARD') AS class, kind = 'NarInfo' AS is_narinfo
FROM plan_objects WHERE size IS NOT NULL
