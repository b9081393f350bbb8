-- The hashes of paths that are roots at the moment {now}; some come several times.
SELECT hash FROM roots WHERE hash IS NOT NULL AND (expires_at IS NULL OR expires_at > {now})
