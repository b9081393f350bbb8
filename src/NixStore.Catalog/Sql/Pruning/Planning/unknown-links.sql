-- Debug information, realisations and build traces whose owner nobody knows.
SELECT count(*) FROM link_objects o
ANTI JOIN (SELECT key, e_tag FROM links WHERE hash IS NOT NULL OR url IS NOT NULL) l ON l.key = o.key AND l.e_tag IS NOT DISTINCT FROM o.e_tag
