-- Roots by origin, the most first. $1: how many origins.
SELECT kind, origin, count(*) AS count
FROM {roots}
GROUP BY kind, origin
ORDER BY count DESC, kind, origin
LIMIT $1
