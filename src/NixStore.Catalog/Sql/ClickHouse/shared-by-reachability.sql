-- Of these, all but the one that is nearest to a root, or as near and of the least hash.
INSERT INTO {counted_elsewhere} (hash)
SELECT hash FROM {twice_named}
WHERE hash GLOBAL NOT IN (SELECT substring(min(concat(place, hash)), 2) FROM {twice_named} GROUP BY url)
