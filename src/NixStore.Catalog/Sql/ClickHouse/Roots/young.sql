-- The condition that a rule makes a narinfo a root: it was written at the moment {since} or later. Of what has no time nobody can say that it is older.
(last_modified_at >= {since} OR last_modified_at IS NULL)
