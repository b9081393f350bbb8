-- As of Tables/downloads.
hash String, last_download Nullable(Int64), count Nullable(Int64), nar_count Nullable(Int64)
