-- The narinfos of the listing.
SELECT left(key, 32) AS hash, last_modified_date AS last_modified FROM ({objects}) WHERE object_kind(key) = 'NarInfo'
