-- Nothing goes that is of a protected class.
SELECT n.pname AS example FROM narinfos n SEMI JOIN plan_narinfos p ON p.hash = n.hash WHERE EXISTS (SELECT 1 FROM protected c WHERE n.pname GLOB c.pattern)
