-- No object that is deleted is the NAR of a path that stays.
-- A narinfo that names what can be no NAR keeps nothing.
SELECT o.key AS example FROM plan_objects o SEMI JOIN kept_nars k ON k.url = o.key WHERE is_nar_key(o.key)
