-- Narinfos whose NAR another one with a lesser hash names too. Two URLs that differ have hashes that differ, or the later join tells them apart.
WITH twice AS (SELECT hash(url) AS h FROM narinfos WHERE url IS NOT NULL GROUP BY hash(url) HAVING count(*) > 1),
     candidates AS (SELECT n.hash, n.url FROM narinfos n WHERE n.url IS NOT NULL AND hash(n.url) IN (SELECT h FROM twice)),
     numbered AS (SELECT c.hash, row_number() OVER (PARTITION BY c.url ORDER BY c.hash) AS place FROM candidates c)
SELECT hash FROM numbered WHERE place > 1 ORDER BY hash
