-- The narinfos that share a NAR, with how near they are to a root: 0 is one, 1 is reached, 2 is not. {shared}: a query for those of them that do not count otherwise.
INSERT INTO {twice_named} (hash, url, place)
SELECT hash, url, toString(multiIf(depth(hash) < 0, 2, depth(hash) > 0, 1, 0))
FROM {narinfos} {steps}
WHERE {narinfos_parts} AND url GLOBAL IN (SELECT url FROM {narinfos} WHERE {narinfos_parts} AND hash IN ({shared}))
