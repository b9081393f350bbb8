-- On each shard: what is referred to by what stays, in a round; each goes to the shard where it belongs. {source}: the condition for those that refer. {filter}: a
-- condition that holds for all that goes.
INSERT INTO {stays} (round, hash)
SELECT DISTINCT {round}, reference FROM (SELECT arrayJoin("references") AS reference FROM {narinfos_shard} WHERE {narinfos_parts} AND {source})
WHERE {filter}
