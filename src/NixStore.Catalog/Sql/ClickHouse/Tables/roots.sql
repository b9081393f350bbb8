-- As of Tables/roots.
hash Nullable(String), name Nullable(String), kind Nullable(String), origin Nullable(String), maximum_age Nullable(Int64), added_at Nullable(Int64), expires_at Nullable(Int64)
