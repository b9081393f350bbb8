-- On each shard: candidates, and what becomes of each by itself: 1 = it goes, else the reason for which it stays. {steps}: what tells depth(hash), or nothing.
INSERT INTO {marks_shard} (hash, mark)
SELECT hash, toUInt8(multiIf({young}, {youngMark}, {fixed}, {fixedMark}, {root}, {rootMark}, {protected}, {protectedMark}, 1)) AS mark
FROM {narinfos_shard} {steps}
WHERE {narinfos_parts} AND {range} AND ({candidate})
