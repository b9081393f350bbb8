-- The counts and bytes of the summary are those of the tables.
WITH said AS (
    SELECT 'objects' AS what, k.key AS kind, CAST(k.value AS BIGINT) AS number FROM plan_json, json_each(json, '$.totals.objects') k
    UNION ALL SELECT 'bytes', k.key, CAST(k.value AS BIGINT) FROM plan_json, json_each(json, '$.totals.bytes') k
    UNION ALL SELECT 'paths', '', CAST(json->>'$.totals.paths' AS BIGINT) FROM plan_json
    UNION ALL SELECT 'dangling references', '', CAST(json->>'$.totals.danglingReferences' AS BIGINT) FROM plan_json
    UNION ALL SELECT 'class', coalesce(c.value->>'$.name', ''), CAST(c.value->>'$.paths' AS BIGINT) FROM plan_json, json_each(json, '$.classes') c
), found AS (
    SELECT 'objects' AS what, kind, count(*) AS number FROM plan_objects GROUP BY kind
    UNION ALL SELECT 'bytes', kind, coalesce(sum(size), 0)::BIGINT FROM plan_objects GROUP BY kind
    UNION ALL SELECT 'paths', '', count(*) FROM plan_narinfos
    UNION ALL SELECT 'dangling references', '', count(*) FROM plan_dangling
    UNION ALL SELECT 'class', coalesce(class, ''), count(*) FROM plan_narinfos GROUP BY class
)
SELECT trim(coalesce(s.what, f.what) || ' ' || coalesce(s.kind, f.kind)) AS example
FROM said s FULL JOIN found f ON f.what = s.what AND f.kind = s.kind
WHERE s.number IS DISTINCT FROM f.number
