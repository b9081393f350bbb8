-- What goes. {class}: an expression over pname. {range}: of hashes.
SELECT hash, pname, {class} AS class, url, nar_hash, nar_size, file_size, last_modified_at, deriver, is_fixed_output(ca) AS fixed_output
FROM narinfos WHERE {range} AND goes(hash) = 1 ORDER BY hash
