-- Of a plan ($1) what belongs to paths ($2), and to no other path in the trash: a NAR and its debugging information go when no other narinfo there names
-- it. Logs stay until the rest of the plan goes, for other outputs of a derivation may have the same.
WITH chosen AS (SELECT unnest(CAST($2 AS VARCHAR[])) AS hash),
others AS (SELECT url FROM trash WHERE kind = 'NarInfo' AND url IS NOT NULL AND NOT (plan = $1 AND hash IN (SELECT hash FROM chosen))),
alone AS (SELECT hash, url FROM trash WHERE plan = $1 AND kind = 'NarInfo' AND hash IN (SELECT hash FROM chosen) AND url NOT IN (SELECT url FROM others))
SELECT key FROM trash WHERE plan = $1 AND CASE kind
    WHEN 'Log' THEN false
    WHEN 'Nar' THEN key IN (SELECT url FROM alone)
    WHEN 'DebugInfo' THEN hash IN (SELECT hash FROM alone)
    ELSE hash IN (SELECT hash FROM chosen) END
