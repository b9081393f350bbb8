-- Paths of the plan that somebody needs, those excepted that the plan takes from whom it says.
SELECT c.hash, min(c.because) FROM claims c SEMI JOIN plan_narinfos n ON n.hash = c.hash ANTI JOIN plan_dangling d ON d.hash = c.because AND d.reference = c.hash
WHERE c.hash IS NOT NULL GROUP BY c.hash ORDER BY c.hash
