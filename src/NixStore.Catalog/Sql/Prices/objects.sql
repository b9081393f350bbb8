-- The objects that a reader of the cache sees, as they are priced. group: an expression over objects.
SELECT {group} AS "group", o.size, o.last_modified_date AS time, price_class(o.storage_class, o.intelligent_tiering_access_tier) AS class,
    length(o.key) = 40 AND ends_with(o.key, '.narinfo') AS is_narinfo
FROM objects o
WHERE coalesce(o.is_latest, true) AND NOT coalesce(o.is_delete_marker, false)
