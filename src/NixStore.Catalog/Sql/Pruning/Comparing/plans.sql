-- Paths that are in one of two plans only.
SELECT 'Removed' AS kind, r.hash, r.pname, r.class, r.file_size, NULL::VARCHAR AS "by" FROM reference_narinfos r ANTI JOIN plan_narinfos p ON p.hash = r.hash
UNION ALL
SELECT 'Added', p.hash, p.pname, p.class, p.file_size, NULL FROM plan_narinfos p ANTI JOIN reference_narinfos r ON r.hash = p.hash
ORDER BY 2
