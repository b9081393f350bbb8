-- Nothing that stays refers to something that goes, but for the references that the plan lists and the policy allows.
SELECT e.hash || ' -> ' || e.reference AS example
FROM (SELECT hash, unnest("references") AS reference FROM kept) e
SEMI JOIN plan_narinfos p ON p.hash = e.reference
ANTI JOIN (SELECT d.* FROM plan_dangling d, policy WHERE policy.allow_dangling) d ON d.hash = e.hash AND d.reference = e.reference
