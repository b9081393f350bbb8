-- Of each class, the paths that are smaller or larger than most: the five smallest and the five largest of these.
SELECT class, hash, pname, size FROM (
    SELECT n.class, n.hash, n.pname, coalesce(n.file_size, n.nar_size) AS size,
        row_number() OVER (PARTITION BY n.class ORDER BY coalesce(n.file_size, n.nar_size), n.hash) AS from_below,
        row_number() OVER (PARTITION BY n.class ORDER BY coalesce(n.file_size, n.nar_size) DESC, n.hash) AS from_above,
        coalesce(n.file_size, n.nar_size) < b.least AS is_below
    FROM plan_narinfos n JOIN bounds b ON b.class IS NOT DISTINCT FROM n.class
    WHERE coalesce(n.file_size, n.nar_size) < b.least OR coalesce(n.file_size, n.nar_size) > b.most
)
WHERE (is_below AND from_below <= 5) OR (NOT is_below AND from_above <= 5)
ORDER BY class, size, hash
