-- The narinfos to be read, by hash: those that the table has not, or has in another state. A finding counts as having it.
SELECT left(o.key, 32) AS hash, o.e_tag, o.last_modified_date
FROM objects o
WHERE object_kind(o.key) = 'NarInfo'
  AND coalesce(o.is_latest, true) AND NOT coalesce(o.is_delete_marker, false)
  AND NOT EXISTS (SELECT 1 FROM narinfos n WHERE n.hash = left(o.key, 32) AND (n.e_tag IS NOT DISTINCT FROM o.e_tag OR n.e_tag IS NULL OR o.e_tag IS NULL))
  AND NOT EXISTS (SELECT 1 FROM findings f WHERE f.key = o.key AND f.e_tag IS NOT DISTINCT FROM o.e_tag)
