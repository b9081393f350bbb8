-- One row a reference that a path which stays loses. Sorted by hash and reference.
hash VARCHAR,                   -- of the path that stays
pname VARCHAR,
reference VARCHAR               -- the hash of what goes
