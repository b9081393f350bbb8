-- How many rows of buildstepoutputs name something else than a store path. Parameters as of rows.sql.
SELECT count(*) FROM {source}
WHERE NOT (starts_with(path, $1) AND regexp_full_match(substr(path, $2 + 1), '[0-9abcdfghijklmnpqrsvwxyz]{32}-[0-9a-zA-Z+\-._?=]{1,211}'))
