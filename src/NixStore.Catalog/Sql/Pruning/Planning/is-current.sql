-- Whether the table has just the narinfos of the listing that somebody can use, in the same states: by counts and sums of hashes, in one pass each.
WITH bad AS (SELECT DISTINCT key, e_tag FROM findings),
listed AS (
    SELECT count(*) AS count, coalesce(sum(hash(left(o.key, 32), o.e_tag)::HUGEINT), 0) AS sum
    FROM (SELECT key, e_tag FROM cache_objects WHERE length(key) = 40 AND ends_with(key, '.narinfo')) o
    ANTI JOIN bad f ON f.key = o.key AND f.e_tag IS NOT DISTINCT FROM o.e_tag
),
known AS (SELECT count(*) AS count, coalesce(sum(hash(hash, e_tag)::HUGEINT), 0) AS sum FROM narinfos)
SELECT CASE WHEN listed.count = known.count AND listed.sum = known.sum THEN 1 ELSE 0 END FROM listed, known
