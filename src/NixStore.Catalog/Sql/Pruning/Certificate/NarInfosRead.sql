-- All narinfos of the inventory are known, or known to be of no use, unless the policy lets those go unseen that could not be had: nothing that stays refers to something unseen.
SELECT o.key AS example
FROM (SELECT key, e_tag FROM objects WHERE regexp_matches(key, '^[0-9abcdfghijklmnpqrsvwxyz]{32}\.narinfo$')) o
ANTI JOIN (SELECT hash || '.narinfo' AS key, e_tag FROM narinfos) n ON n.key = o.key AND (n.e_tag = o.e_tag OR n.e_tag IS NULL OR o.e_tag IS NULL)
ANTI JOIN (SELECT n.* FROM findings n, policy WHERE policy.allow_unreadable OR n.kind NOT IN ('NarInfoMissing', 'NarInfoUnreadable')) f ON f.key = o.key AND f.e_tag IS NOT DISTINCT FROM o.e_tag
