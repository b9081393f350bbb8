-- The summary is the one that was signed: its text before the line of its name has its digest.
SELECT 'plan.json' AS example FROM plan_json WHERE sha256(split_part(content, chr(10) || '  "id":', 1)) IS DISTINCT FROM (json->>'$.digest')
