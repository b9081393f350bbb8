-- Roots, the origins in their order.
SELECT r.kind, r.origin, r.hash, r.name, r.maximum_age, r.added_at, r.expires_at, n.hash IS NOT NULL AS is_in_cache
FROM (SELECT * FROM roots WHERE {condition}) r
LEFT JOIN (SELECT hash FROM narinfos) n ON n.hash = r.hash
ORDER BY r.origin, r.hash NULLS FIRST
