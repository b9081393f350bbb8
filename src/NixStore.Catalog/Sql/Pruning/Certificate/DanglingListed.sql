-- Each reference that the plan lists as lost is one: of a path that stays, to one that goes.
SELECT d.hash || ' -> ' || d.reference AS example FROM plan_dangling d
ANTI JOIN (SELECT hash, unnest("references") AS reference FROM kept) e ON e.hash = d.hash AND e.reference = d.reference
UNION ALL
SELECT d.hash || ' -> ' || d.reference FROM plan_dangling d ANTI JOIN plan_narinfos p ON p.hash = d.reference
