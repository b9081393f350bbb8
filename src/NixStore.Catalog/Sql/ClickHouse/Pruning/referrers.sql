-- A condition for the narinfos of a shard: they refer to what goes.
hash IN (SELECT DISTINCT hash FROM (SELECT hash, arrayJoin("references") AS reference FROM {narinfos_shard} WHERE {narinfos_parts}) WHERE reference GLOBAL IN (SELECT hash FROM {going}))
