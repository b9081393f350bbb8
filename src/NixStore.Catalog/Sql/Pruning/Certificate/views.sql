-- What the checks look at: the Parquet files and the two manifests alone.
CREATE OR REPLACE TEMP VIEW narinfos AS SELECT * FROM {narinfos};
CREATE OR REPLACE TEMP VIEW objects AS SELECT * FROM {objects} WHERE coalesce(is_latest, true) AND NOT coalesce(is_delete_marker, false);
CREATE OR REPLACE TEMP VIEW findings AS SELECT * FROM {findings};
CREATE OR REPLACE TEMP VIEW roots AS SELECT * FROM {roots};
CREATE OR REPLACE TEMP VIEW links AS SELECT * FROM {links};
CREATE OR REPLACE TEMP VIEW plan_narinfos AS SELECT * FROM {plan_narinfos};
CREATE OR REPLACE TEMP VIEW plan_objects AS SELECT * FROM {plan_objects};
CREATE OR REPLACE TEMP VIEW plan_dangling AS SELECT * FROM {plan_dangling};
CREATE OR REPLACE TEMP VIEW plan_files AS SELECT * FROM {plan_files};
CREATE OR REPLACE TEMP TABLE catalog_json AS SELECT CAST(content AS JSON) AS json FROM read_text(getvariable('catalog') || '/catalog.json');
CREATE OR REPLACE TEMP TABLE plan_json AS SELECT content, CAST(content AS JSON) AS json FROM read_text(getvariable('plan') || '/plan.json');

-- Lengths of time are written as days.hours:minutes:seconds.
CREATE OR REPLACE TEMP MACRO span_seconds(text) AS coalesce(TRY_CAST(regexp_extract(text, '^(\d+)\.\d', 1) AS BIGINT), 0) * 86400
    + CAST(regexp_extract(text, '(\d\d):\d\d:\d\d', 1) AS BIGINT) * 3600 + CAST(regexp_extract(text, '\d\d:(\d\d):\d\d', 1) AS BIGINT) * 60 + CAST(regexp_extract(text, '\d\d:\d\d:(\d\d)', 1) AS BIGINT);
CREATE OR REPLACE TEMP TABLE policy AS SELECT
    CAST(json->>'$.createdAt' AS TIMESTAMP) AS created_at,
    CAST(json->>'$.policy.tooYoungSince' AS TIMESTAMP) AS too_young_since,
    CAST(json->>'$.policy.before' AS TIMESTAMP) AS before,
    span_seconds(json->>'$.policy.minimumAge') > 0 AS asks_age,
    CAST(json->>'$.policy.includeFixedOutput' AS BOOLEAN) AS include_fixed_output,
    CAST(json->>'$.policy.keepRoots' AS BOOLEAN) AS keep_roots,
    CAST(json->>'$.policy.unreachable' AS BOOLEAN) AS unreachable,
    CAST(json->>'$.policy.allowDangling' AS BOOLEAN) AS allow_dangling,
    coalesce(CAST(json->>'$.policy.allowUnreadable' AS BOOLEAN), false) AS allow_unreadable
FROM plan_json;

-- Wildcards, with the backtick before what stands for itself as brackets.
CREATE OR REPLACE TEMP MACRO to_glob(pattern) AS regexp_replace(replace(pattern, '\', '\\'), '`(.)', '[\1]', 'g');
CREATE OR REPLACE TEMP TABLE names AS SELECT to_glob(n.value->>'$') AS pattern FROM plan_json, json_each(json, '$.policy.names') n;
CREATE OR REPLACE TEMP TABLE classes AS SELECT c.value->>'$.name' AS name, span_seconds(c.value->>'$.minimumAge') AS age, to_glob(p.value->>'$') AS pattern
FROM plan_json, json_each(json, '$.policy.classes') c, json_each(c.value, '$.patterns') p;
CREATE OR REPLACE TEMP TABLE protected AS SELECT to_glob(p.value->>'$') AS pattern
FROM plan_json, json_each(json, '$.policy.protected') c, json_each(c.value, '$.patterns') p;

-- What stays, and what it may name as its NAR: as it is, and as a server would decode it.
CREATE OR REPLACE TEMP VIEW kept AS SELECT n.* FROM narinfos n ANTI JOIN plan_narinfos p ON p.hash = n.hash;
CREATE OR REPLACE TEMP VIEW kept_nars AS
SELECT url FROM kept
UNION ALL
SELECT unnest([url_decode(url), split_part(url, '?', 1), split_part(url, '#', 1), url_decode(split_part(split_part(url, '?', 1), '#', 1))]) FROM kept WHERE regexp_matches(url, '[%?#]');

-- Roots at the moment of the plan; a rule makes all that is young a root.
CREATE OR REPLACE TEMP TABLE root_hashes AS
WITH living AS (SELECT r.* FROM roots r, policy WHERE r.expires_at IS NULL OR r.expires_at > policy.created_at)
SELECT DISTINCT hash FROM living WHERE hash IS NOT NULL
UNION
SELECT n.hash FROM narinfos n, policy, (SELECT max(maximum_age) AS age FROM living) a
WHERE a.age IS NOT NULL AND coalesce(n.last_modified_at >= policy.created_at - to_seconds(a.age), true);

-- The objects that have to go with the paths.
CREATE OR REPLACE TEMP MACRO is_nar_key(key) AS NOT regexp_matches(key, '[%?#]')
    AND NOT regexp_matches(key, '^(log|debuginfo|realisations|build-trace-v2|nixstore-trash)/|^[0-9abcdfghijklmnpqrsvwxyz]{32}\.(narinfo|ls(\.[a-z0-9]+)?)$|^nix-cache-info$');
CREATE OR REPLACE TEMP VIEW plan_nars AS
SELECT DISTINCT p.url AS key FROM plan_narinfos p ANTI JOIN kept_nars k ON k.url = p.url WHERE is_nar_key(p.url);
CREATE OR REPLACE TEMP VIEW current_links AS SELECT l.* FROM links l JOIN objects o ON o.key = l.key AND o.e_tag IS NOT DISTINCT FROM l.e_tag;
CREATE OR REPLACE TEMP TABLE expected AS
SELECT hash || '.narinfo' AS key, 'NarInfo' AS kind, 1 AS wave FROM plan_narinfos
UNION ALL
SELECT o.key, 'Listing', 1 FROM objects o SEMI JOIN plan_narinfos p ON p.hash = left(o.key, 32) WHERE regexp_matches(o.key, '^.{32}\.ls(\.[a-z0-9]+)?$')
UNION ALL
SELECT o.key, 'Log', 1 FROM (SELECT key, regexp_extract(key, '^log/([^/]+\.drv)(\.[a-z0-9]+)?$', 1) AS drv FROM objects WHERE starts_with(key, 'log/')) o
SEMI JOIN plan_narinfos p ON p.deriver = o.drv ANTI JOIN kept k ON k.deriver = o.drv
UNION ALL
SELECT l.key, CASE WHEN starts_with(l.key, 'realisations/') THEN 'Realisation' ELSE 'BuildTrace' END, 1 FROM current_links l SEMI JOIN plan_narinfos p ON p.hash = l.hash WHERE l.url IS NULL
UNION ALL
SELECT l.key, 'DebugInfo', 1 FROM current_links l SEMI JOIN plan_nars n ON n.key = l.url WHERE l.hash IS NULL
UNION ALL
SELECT key, 'Nar', 2 FROM plan_nars
