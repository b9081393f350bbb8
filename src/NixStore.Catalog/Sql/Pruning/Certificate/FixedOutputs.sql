-- No fixed output goes, unless the policy says that they do.
SELECT n.hash AS example FROM narinfos n SEMI JOIN plan_narinfos p ON p.hash = n.hash, policy
WHERE NOT policy.include_fixed_output AND (starts_with(n.ca, 'fixed:') OR starts_with(n.ca, 'text:'))
