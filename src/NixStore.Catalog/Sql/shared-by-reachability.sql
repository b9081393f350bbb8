-- The narinfos whose NAR is counted with another one that is nearer to a root, or as near and of a lesser hash: what is reached is never counted as unreachable.
-- Made of those that do not count when nobody asks for roots.
WITH twice AS (SELECT DISTINCT n.url FROM narinfos n SEMI JOIN ({shared}) s ON s.hash = n.hash),
     numbered AS (
        SELECT n.hash, row_number() OVER (PARTITION BY n.url ORDER BY CASE WHEN depth(n.hash) < 0 THEN 2 WHEN depth(n.hash) > 0 THEN 1 ELSE 0 END, n.hash) AS place
        FROM narinfos n SEMI JOIN twice t ON t.url = n.url)
SELECT hash FROM numbered WHERE place > 1
