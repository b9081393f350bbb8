-- Functions that every session has. A part of the interface: they may be used in -Sql.

-- The name of a package and its version, split as Nix does: the version begins behind the first dash that no letter follows.
-- Cut off rather than captured, which the engine's regular expressions do several times as fast.
CREATE MACRO package_name(name) AS regexp_replace(name, '-[^a-zA-Z].*', '');
CREATE MACRO package_version(name) AS substr(name, length(package_name(name)) + 2);

-- A sum of bytes. Sizes are what narinfos say, so they may add up to what no number holds.
CREATE MACRO total_size(size) AS CASE WHEN sum(size) > 9223372036854775807 THEN error('sizes add up to 8 EiB and more') ELSE sum(size)::BIGINT END;

-- What an object of a cache is, by its key.
CREATE MACRO object_kind(key) AS CASE
    WHEN regexp_full_match(key, '[0-9abcdfghijklmnpqrsvwxyz]{32}\.narinfo') THEN 'NarInfo'
    WHEN starts_with(key, 'nar/') THEN 'Nar'
    WHEN regexp_full_match(key, '[0-9abcdfghijklmnpqrsvwxyz]{32}\.ls(\.[a-z0-9]+)?') THEN 'Listing'
    WHEN starts_with(key, 'log/') THEN 'Log'
    WHEN starts_with(key, 'debuginfo/') THEN 'DebugInfo'
    WHEN starts_with(key, 'realisations/') OR starts_with(key, 'build-trace-v2/') THEN 'Realisation'
    WHEN key = 'nix-cache-info' THEN 'CacheInfo'
    ELSE 'Other' END;

-- A finding that says only that nothing was read: what the narinfo would have said, and whom it needs, nobody knows.
CREATE MACRO is_unread(kind) AS kind IN ('NarInfoMissing', 'NarInfoUnreadable');

-- The class by which an object is priced: that of the list, and for the tiers of INTELLIGENT_TIERING class and tier.
CREATE MACRO price_class(storage_class, tier) AS CASE
    WHEN storage_class = 'INTELLIGENT_TIERING' AND coalesce(tier, '') NOT IN ('', 'FREQUENT') THEN storage_class || '/' || tier
    ELSE coalesce(nullif(storage_class, ''), 'STANDARD') END;

-- An output whose hash was known before it was built: sources, mostly, which cannot always be fetched again.
CREATE MACRO is_fixed_output(ca) AS coalesce(starts_with(ca, 'fixed:') OR starts_with(ca, 'text:'), false);
