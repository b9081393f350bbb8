-- Rows of buildstepoutputs as rows of the table hydra, one a hash. $1: the store directory with a slash; $2: its length.
SELECT substr(path, $2 + 1, 32) AS hash, substr(path, $2 + 34) AS pname, build, stepnr, name, system,
    CAST(make_timestamp(stoptime * 1000000) AS TIMESTAMP_MS) AS stop_time
FROM {source}
WHERE starts_with(path, $1) AND regexp_full_match(substr(path, $2 + 1), '[0-9abcdfghijklmnpqrsvwxyz]{32}-[0-9a-zA-Z+\-._?=]{1,211}')
QUALIFY row_number() OVER (PARTITION BY hash ORDER BY build, stepnr, name) = 1
ORDER BY hash
