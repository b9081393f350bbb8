-- As of Tables/links.
key String, e_tag Nullable(String), hash Nullable(String), url Nullable(String)
