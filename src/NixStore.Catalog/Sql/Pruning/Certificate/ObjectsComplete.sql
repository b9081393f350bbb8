-- All objects of the paths go: nothing is left of them.
SELECT e.key AS example FROM expected e ANTI JOIN plan_objects o ON o.key = e.key AND o.kind = e.kind
