-- Lines, requests for narinfos and NARs, those of them for NARs that no narinfo names, and lines that are no requests.
SELECT count(*), count(*) FILTER (WHERE time IS NOT NULL AND (hash IS NOT NULL OR nar IS NOT NULL)),
    (SELECT count(*) FROM requests r ANTI JOIN narinfos n ON n.url = r.nar WHERE r.nar IS NOT NULL AND r.time IS NOT NULL),
    count(*) FILTER (WHERE time IS NULL)
FROM requests
