-- One row an object that is deleted. Sorted by wave and key. What no inventory knows is NULL.
key VARCHAR,
kind VARCHAR,                   -- NarInfo, Listing, Log, DebugInfo, Realisation, BuildTrace, Nar
wave INTEGER,                   -- 1; of NARs 2
size BIGINT,
e_tag VARCHAR,
last_modified_date TIMESTAMP_MS,
storage_class VARCHAR,          -- with the tier of INTELLIGENT_TIERING behind a slash
hash VARCHAR                    -- of the path that it belongs to; of several, the least; NULL of a NAR that no narinfo names
