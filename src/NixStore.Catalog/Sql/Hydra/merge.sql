-- One row a hash of several parts of the table hydra.
SELECT * FROM {source}
WHERE {range}
QUALIFY row_number() OVER (PARTITION BY hash ORDER BY build, stepnr, name) = 1
ORDER BY hash
