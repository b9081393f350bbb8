-- No narinfo is deleted whose path stays.
SELECT key AS example FROM plan_objects o ANTI JOIN plan_narinfos p ON p.hash = left(o.key, 32) WHERE ends_with(o.key, '.narinfo')
