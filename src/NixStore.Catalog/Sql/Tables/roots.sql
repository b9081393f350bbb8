-- One row a root: a store path that is to stay in the cache with all that it refers to, or a rule. No hash comes twice of one origin.
hash VARCHAR,                   -- the 32 characters of the store path's hash; NULL of a rule
name VARCHAR,                   -- what follows it
kind VARCHAR,                   -- StorePath, Channel, FallbackPaths, HydraJobset, HydraBuild, Pin, Age
origin VARCHAR,                 -- what has brought it; all rows of an origin are replaced together
maximum_age BIGINT,             -- of a rule, seconds: every narinfo that is not older is a root
added_at TIMESTAMP_MS,          -- UTC
expires_at TIMESTAMP_MS         -- UTC; NULL = never
