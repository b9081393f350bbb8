-- How the new objects differ from the old ones; by 64-bit hashes, so that a billion of each can be told apart in a few gigabytes.
-- {old} and {new} are tables of the form of objects.
WITH before AS (SELECT hash(key) AS k, hash(size, e_tag) AS v FROM {old} WHERE coalesce(is_latest, true) AND NOT coalesce(is_delete_marker, false)),
     after AS (SELECT hash(key) AS k, hash(size, e_tag) AS v FROM {new} WHERE coalesce(is_latest, true) AND NOT coalesce(is_delete_marker, false))
SELECT count(*) FILTER (before.k IS NULL),
       count(*) FILTER (before.v <> after.v),
       count(*) FILTER (after.k IS NULL),
       count(*) FILTER (before.v = after.v)
FROM before FULL JOIN after ON before.k = after.k
