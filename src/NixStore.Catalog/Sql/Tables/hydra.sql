-- One row a store path that Hydra's table buildstepoutputs names: of its rows, the one of the least build and step.
hash VARCHAR,                   -- the 32 characters of the store path's hash
pname VARCHAR,                  -- the whole name after the hash
build BIGINT,
stepnr INTEGER,
name VARCHAR,                   -- of the output
system VARCHAR,                 -- of the step; NULL when the source does not say
stop_time TIMESTAMP_MS          -- of the step, UTC; NULL when the source does not say
