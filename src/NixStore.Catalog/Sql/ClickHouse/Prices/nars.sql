-- NARs, each once, sent there where their objects are. {group}: an expression over narinfos. {join}: as of measure-narinfos.
INSERT INTO {billed_nars} (key, group_name)
SELECT ifNull(url, '') AS key, {group} AS group_name FROM {narinfos} {join} WHERE {narinfos_parts} AND is_shared = 0 AND url IS NOT NULL
