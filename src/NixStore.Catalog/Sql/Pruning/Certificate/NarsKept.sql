-- No object that is deleted is the NAR of a path that stays.
SELECT o.key AS example FROM plan_objects o SEMI JOIN kept_nars k ON k.url = o.key
