-- The objects that a reader of the cache sees.
SELECT * FROM objects WHERE coalesce(is_latest, true) AND NOT coalesce(is_delete_marker, false)
