-- Narinfos of the listing that could not be had: they may refer to anything.
SELECT count(*) FROM cache_objects o SEMI JOIN (SELECT key, e_tag FROM findings WHERE is_unread(kind)) f ON f.key = o.key AND f.e_tag IS NOT DISTINCT FROM o.e_tag
WHERE length(o.key) = 40 AND ends_with(o.key, '.narinfo')
