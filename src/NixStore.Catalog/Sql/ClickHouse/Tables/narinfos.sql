-- As of Tables/narinfos. Times are milliseconds since 1970. Which lists are missing says a bit each, for a list cannot be NULL here: 1 references, 2 signatures.
hash String, pname Nullable(String), url Nullable(String), compression Nullable(String), file_hash Nullable(String), file_size Nullable(Int64),
nar_hash Nullable(String), nar_size Nullable(Int64), "references" Array(String), deriver Nullable(String), system Nullable(String), ca Nullable(String),
signatures Array(Nullable(String)), last_modified_at Nullable(Int64), e_tag Nullable(String), missing_lists UInt8
