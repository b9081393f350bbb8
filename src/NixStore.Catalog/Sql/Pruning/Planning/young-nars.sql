-- NARs that are too young, or of which nobody knows how old they are. {since}: the moment.
CREATE OR REPLACE TEMP TABLE young_nars AS
SELECT key FROM cache_objects WHERE (last_modified_date > {since} OR last_modified_date IS NULL) AND is_nar_key(key)
