-- The NARs that go with paths, each once.
CREATE OR REPLACE TEMP VIEW plan_nars AS
SELECT p.hash, p.url FROM plan_narinfos p
ANTI JOIN without_nar w ON w.hash = p.hash
ANTI JOIN kept_nars k ON k.url = p.url
WHERE is_nar_key(p.url)
