-- Joined to narinfos: is_shared = the NAR is counted with another one. {shared}: a query for these. {steps}: what tells the steps from the roots, or nothing.
ANY LEFT JOIN (
    SELECT hash, max(is_shared) AS is_shared, max(steps) AS steps
    FROM (SELECT hash, toUInt8(1) AS is_shared, toUInt16(0) AS steps FROM ({shared}) {steps})
    GROUP BY hash
) AS counted USING hash
