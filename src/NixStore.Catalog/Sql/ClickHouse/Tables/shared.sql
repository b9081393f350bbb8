-- As of Tables/shared.
hash String
