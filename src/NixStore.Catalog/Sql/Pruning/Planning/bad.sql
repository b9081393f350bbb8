-- Narinfos of the listing that nobody can use.
SELECT count(*) FROM cache_objects o SEMI JOIN findings f ON f.key = o.key AND f.e_tag IS NOT DISTINCT FROM o.e_tag WHERE length(o.key) = 40 AND ends_with(o.key, '.narinfo')
