-- Each file of the plan has the digest that the summary says.
SELECT l.file AS example
FROM (
    SELECT t.key || '/' || (p.value->>'$.name') AS file, p.value->>'$.sha256' AS digest
    FROM plan_json, json_each(json, '$.tables') t, json_each(t.value) p
) l
LEFT JOIN plan_files f ON ends_with(f.filename, '/' || l.file)
WHERE sha256(f.content) IS DISTINCT FROM l.digest
