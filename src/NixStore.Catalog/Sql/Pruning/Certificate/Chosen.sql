-- Each path is one that the policy chooses by its name, its class and its time.
SELECT n.pname AS example FROM narinfos n SEMI JOIN plan_narinfos p ON p.hash = n.hash, policy
WHERE (EXISTS (SELECT 1 FROM names) AND NOT EXISTS (SELECT 1 FROM names c WHERE n.pname GLOB c.pattern))
    OR (EXISTS (SELECT 1 FROM classes) AND NOT EXISTS (SELECT 1 FROM classes c WHERE n.pname GLOB c.pattern))
    OR (policy.before IS NOT NULL AND NOT coalesce(n.last_modified_at < policy.before, false))
