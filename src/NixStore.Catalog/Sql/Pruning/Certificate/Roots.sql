-- No root goes, unless the policy says that roots are not kept.
SELECT p.hash AS example FROM plan_narinfos p SEMI JOIN root_hashes r ON r.hash = p.hash, policy WHERE policy.keep_roots OR policy.unreachable
