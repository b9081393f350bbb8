-- Nothing goes that a root leads to, through any number of references, unless the policy says that roots are not kept.
WITH RECURSIVE alive(hash) AS (
    SELECT r.hash FROM root_hashes r, policy WHERE (policy.keep_roots OR policy.unreachable)
    UNION
    SELECT unnest(n."references") FROM narinfos n JOIN alive a ON a.hash = n.hash
)
SELECT p.hash AS example FROM plan_narinfos p SEMI JOIN alive a ON a.hash = p.hash
