-- One row a narinfo. Names as in narwal's published dataset; what a narinfo does not say is NULL.
hash VARCHAR,                   -- the 32 characters of the store path's hash
pname VARCHAR,                  -- the whole name after the hash
url VARCHAR,                    -- of the NAR, relative to the cache
compression VARCHAR,
file_hash VARCHAR,              -- sha256:<Nix's base 32>
file_size BIGINT,
nar_hash VARCHAR,
nar_size BIGINT,
"references" VARCHAR[],         -- hashes, 32 characters each
deriver VARCHAR,                -- base name
system VARCHAR,
ca VARCHAR,
signatures VARCHAR[],
last_modified_at TIMESTAMP_MS,  -- UTC
e_tag VARCHAR                   -- of the object that the row was read from, without quotes; of a file, its size and time
