-- On each shard: narinfos, and which of the paths that they refer to are not there.
INSERT INTO {found} (key, hash, last_modified, size, missing)
SELECT concat(hash, '.narinfo') AS key, hash, last_modified, size, arrayStringConcat(arraySort(groupArray(reference)), ' ') AS missing
FROM (SELECT hash, last_modified_at AS last_modified, file_size AS size, arrayJoin("references") AS reference FROM {narinfos_shard} WHERE {narinfos_parts})
WHERE reference GLOBAL IN (SELECT hash FROM {gone}) AND {time}
GROUP BY hash, last_modified, size
