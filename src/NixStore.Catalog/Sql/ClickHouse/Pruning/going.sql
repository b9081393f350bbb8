-- On each shard: what goes.
INSERT INTO {going_shard} (hash)
SELECT hash FROM {marks_shard} WHERE mark = 1 AND hash NOT IN (SELECT hash FROM {kept_shard})
