-- What is wrong with objects, by kind, with an example of each.
SELECT kind, count(*) AS count, min(key) AS key, left(arg_min(detail, key), 300) AS detail
FROM findings
GROUP BY kind
ORDER BY count DESC, kind
