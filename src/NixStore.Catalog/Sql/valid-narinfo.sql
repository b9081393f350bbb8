-- True for a row that may be in the table: a hostile dataset must not bring names and addresses that lead out of the cache.
coalesce(regexp_full_match(hash, '[0-9abcdfghijklmnpqrsvwxyz]{32}')
    AND regexp_full_match(pname, '[0-9a-zA-Z+\-_?=][0-9a-zA-Z+\-._?=]{0,210}')
    AND regexp_full_match(url, '[^/:\\\s\x00-\x1f][^:\\\s\x00-\x1f]*')
    AND NOT regexp_matches(url, '(^|/)(\.{1,2})?(/|$)') AND NOT contains(lower(url), '%2e')
    AND nar_size > 0 AND regexp_full_match(nar_hash, 'sha256:[0-9a-z]{52}|sha256:[0-9a-f]{64}|sha256-[A-Za-z0-9+/]{43}=')
    AND coalesce(file_size, 1) >= 0
    AND NOT list_bool_or(list_transform("references" || ['00000000000000000000000000000000'], r -> r IS NULL OR NOT regexp_full_match(r, '[0-9abcdfghijklmnpqrsvwxyz]{32}'))), false)
