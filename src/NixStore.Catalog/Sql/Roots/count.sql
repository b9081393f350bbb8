-- Roots that have not expired, and all. {now}: the moment that counts.
SELECT count(*) FILTER (expires_at IS NULL OR expires_at > {now}), count(*) FROM roots
