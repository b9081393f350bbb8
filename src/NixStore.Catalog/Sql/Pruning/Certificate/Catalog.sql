-- The catalog is the one that the plan was made of: the names, rows and digests of its parts have the digest that the summary says.
WITH parts AS (
    SELECT t.place, t.name AS "table", p.value->>'$.name' AS name, p.value->>'$.rows' AS rows, coalesce(p.value->>'$.sha256', p.value->>'$.bytes') AS digest
    FROM catalog_json, (VALUES (1, 'narinfos'), (2, 'objects'), (3, 'findings'), (4, 'roots'), (5, 'links')) t(place, name), json_each(json, '$.tables.' || t.name || '.parts') p
)
SELECT 'catalog.json' AS example FROM plan_json
WHERE (SELECT sha256(coalesce(string_agg("table" || chr(9) || name || chr(9) || rows || chr(9) || digest || chr(10), '' ORDER BY place, name), '')) FROM parts) IS DISTINCT FROM (json->>'$.catalog.digest')
