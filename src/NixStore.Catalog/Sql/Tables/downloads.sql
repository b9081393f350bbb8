-- One row a narinfo that access logs say was asked for with success: itself or its NAR.
hash VARCHAR,                   -- the 32 characters of the store path's hash
last_download TIMESTAMP_MS,     -- UTC
count BIGINT,                   -- requests
nar_count BIGINT                -- of these, for the NAR; of one that several narinfos share, each has them
