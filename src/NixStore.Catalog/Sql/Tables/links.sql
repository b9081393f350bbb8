-- One row an object of debuginfo/, realisations/ or build-trace-v2/: what it says that it belongs to. Both NULL when it says nothing that can be.
key VARCHAR,
e_tag VARCHAR,                  -- of the object that the row was read from
hash VARCHAR,                   -- of the store path, of a realisation or build trace
url VARCHAR                     -- of the NAR, of debug information
