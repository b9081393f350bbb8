-- As of Tables/hydra.
hash String, pname Nullable(String), build Nullable(Int64), stepnr Nullable(Int32), name Nullable(String), system Nullable(String), stop_time Nullable(Int64)
