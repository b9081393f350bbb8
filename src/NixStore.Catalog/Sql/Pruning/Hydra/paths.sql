-- Paths of the plan behind a hash whose narinfos were taken.
SELECT n.hash, n.pname FROM plan_narinfos n WHERE n.hash > ? AND EXISTS (SELECT 1 FROM taken t WHERE n.hash || '.narinfo' BETWEEN t.first AND t.last) ORDER BY n.hash
