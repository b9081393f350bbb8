-- On each shard: how the new objects differ from the old ones. {old}, {new}: conditions for their parts. {bucket}: a condition over keys, so that not all have to be in
-- memory at once.
SELECT countIf(is_old = 0) AS added, countIf(is_old = 1 AND is_new = 1 AND before != after) AS changed, countIf(is_new = 0) AS removed,
    countIf(is_old = 1 AND is_new = 1 AND before = after) AS unchanged
FROM (
    SELECT key, max(toUInt8({old})) AS is_old, max(toUInt8({new})) AS is_new,
        max(if({old}, cityHash64(ifNull(size, 0), isNull(size), ifNull(e_tag, ''), isNull(e_tag)), toUInt64(0))) AS before,
        max(if({new}, cityHash64(ifNull(size, 0), isNull(size), ifNull(e_tag, ''), isNull(e_tag)), toUInt64(0))) AS after
    FROM {objects_shard}
    WHERE ({old} OR {new}) AND {bucket} AND is_visible(is_latest, is_delete_marker)
    GROUP BY key
)
