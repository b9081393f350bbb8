-- As of Tables/findings.
key String, kind Nullable(String), detail Nullable(String), e_tag Nullable(String)
