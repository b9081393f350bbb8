-- The condition for the narinfos of a shard that a plan depends on: what goes; those that share a NAR with others, or may do so after decoding; those of the derivations
-- whose logs may go; and those that name a NAR that is to go without one. {shared}: a query for those that are counted with another one. {more}: a further condition.
{narinfos_parts} AND (hash IN (SELECT hash FROM {going_shard}) OR has_escape(ifNull(url, ''))
    OR url GLOBAL IN (SELECT ifNull(url, '') FROM {narinfos} WHERE {narinfos_parts} AND hash IN ({shared}))
    OR ifNull(deriver, '') GLOBAL IN (SELECT drv FROM {logs} WHERE drv != '' AND drv IN (SELECT drv FROM {derivers_shard}))
    OR ifNull(url, '') GLOBAL IN (SELECT key FROM {given_nars}) OR {more})
