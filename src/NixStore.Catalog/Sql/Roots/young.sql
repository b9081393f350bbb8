-- The hashes that a rule makes roots: what was written at the moment {since} or later. Of what has no time nobody can say that it is older.
SELECT hash FROM narinfos WHERE last_modified_at >= {since} OR last_modified_at IS NULL
