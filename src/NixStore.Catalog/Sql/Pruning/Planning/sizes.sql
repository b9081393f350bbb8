-- How many paths of each class are of a size: the logarithm in fiftieths.
SELECT class, floor(ln(greatest(coalesce(file_size, nar_size), 1)) * 50)::INTEGER AS step, count(*) FROM plan_narinfos GROUP BY ALL ORDER BY ALL
