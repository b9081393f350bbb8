-- On each shard: what is referred to by the narinfos that were reached in the round before; each goes to the shard where it belongs.
INSERT INTO {frontier} (round, hash)
SELECT DISTINCT {round}, reference FROM (
    SELECT arrayJoin("references") AS reference FROM {narinfos_shard}
    WHERE {narinfos_parts} AND hash IN (SELECT hash FROM {reached_shard} WHERE depth = {round}))
