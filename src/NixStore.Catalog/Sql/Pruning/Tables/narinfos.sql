-- One row a path that goes. Sorted by hash.
hash VARCHAR,                   -- the 32 characters of the store path's hash
pname VARCHAR,                  -- the whole name after the hash
class VARCHAR,                  -- the first class that it is of; NULL of none
url VARCHAR,                    -- of the NAR, relative to the cache
nar_hash VARCHAR,
nar_size BIGINT,
file_size BIGINT,
last_modified_at TIMESTAMP_MS,  -- UTC
deriver VARCHAR,                -- base name
fixed_output BOOLEAN
