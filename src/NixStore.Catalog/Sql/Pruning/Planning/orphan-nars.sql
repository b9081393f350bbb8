-- NARs that were given without a path, and what becomes of each: a narinfo that names it keeps it, if only after decoding.
CREATE OR REPLACE TEMP TABLE orphan_nars AS
SELECT g.key, CASE WHEN {young} THEN {youngMark} WHEN u.url IS NOT NULL OR NOT is_nar_key(g.key) THEN {referencedMark} ELSE 1 END AS mark
FROM given_nars g
JOIN (SELECT key, last_modified_date FROM cache_objects WHERE key IN (SELECT key FROM given_nars)) o ON o.key = g.key
LEFT JOIN (
    SELECT DISTINCT unnest([url, url_decode(url), split_part(url, '?', 1), split_part(url, '#', 1)]) AS url FROM narinfos
    WHERE url IN (SELECT key FROM given_nars) OR has_escape(url)
) u ON u.url = g.key
