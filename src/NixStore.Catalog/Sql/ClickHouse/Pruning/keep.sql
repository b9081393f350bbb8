-- On each shard: what would go and is referred to by what stays.
INSERT INTO {kept_shard} (hash, round)
SELECT DISTINCT hash, {round} FROM {stays_shard}
WHERE round = {round} AND hash IN (SELECT hash FROM {marks_shard} WHERE mark = 1) AND hash NOT IN (SELECT hash FROM {kept_shard})
