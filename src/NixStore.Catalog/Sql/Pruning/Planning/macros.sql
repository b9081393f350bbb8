-- What the SQL of planning shares.

-- The objects that a reader of the cache sees, with the class by which they are priced.
CREATE OR REPLACE TEMP VIEW cache_objects AS
SELECT key, size, e_tag, last_modified_date, CASE WHEN storage_class IS NULL THEN NULL ELSE price_class(storage_class, intelligent_tiering_access_tier) END AS storage_class
FROM objects WHERE coalesce(is_latest, true) AND NOT coalesce(is_delete_marker, false);

-- A key that can be a NAR's and nothing else's: narinfos may name anything. What a server would decode could be another object.
CREATE OR REPLACE TEMP MACRO has_escape(key) AS contains(key, '%') OR contains(key, '?') OR contains(key, '#');
CREATE OR REPLACE TEMP MACRO is_nar_key(key) AS (starts_with(key, 'nar/') OR (object_kind(key) = 'Other' AND NOT starts_with(key, 'nixstore-trash/'))) AND NOT has_escape(key);

-- Objects whose contents say to whom they belong.
CREATE OR REPLACE TEMP VIEW link_objects AS
SELECT key, e_tag FROM cache_objects WHERE starts_with(key, 'debuginfo/') OR starts_with(key, 'realisations/') OR starts_with(key, 'build-trace-v2/');
