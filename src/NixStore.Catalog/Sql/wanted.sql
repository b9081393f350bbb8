-- The narinfos to be read, by hash: those that the table has not, or has in another state. A finding counts as having it, unless nothing was read.
-- Each once, whatever the listing says.
SELECT left(o.key, 32) AS hash, min(o.e_tag) AS e_tag, min(o.last_modified_date) AS last_modified_date, min(o.size) AS size
FROM objects o
WHERE object_kind(o.key) = 'NarInfo'
  AND coalesce(o.is_latest, true) AND NOT coalesce(o.is_delete_marker, false)
  AND NOT EXISTS (SELECT 1 FROM narinfos n WHERE n.hash = left(o.key, 32) AND (n.e_tag IS NOT DISTINCT FROM o.e_tag OR n.e_tag IS NULL OR o.e_tag IS NULL))
  AND NOT EXISTS (SELECT 1 FROM findings f WHERE f.key = o.key AND f.e_tag IS NOT DISTINCT FROM o.e_tag AND NOT is_unread(f.kind))
GROUP BY 1 ORDER BY 1
