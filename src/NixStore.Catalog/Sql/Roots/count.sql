-- Roots that have not expired, all, and the greatest age of a rule that has not. {now}: the moment that counts.
SELECT count(*) FILTER (expires_at IS NULL OR expires_at > {now}), count(*), max(maximum_age) FILTER (expires_at IS NULL OR expires_at > {now})
FROM roots
