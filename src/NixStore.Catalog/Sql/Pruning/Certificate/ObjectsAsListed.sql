-- What the plan says of each object is what the inventory says: it is deleted only as long as it is that one.
SELECT o.key AS example FROM plan_objects o LEFT JOIN objects l ON l.key = o.key
WHERE o.size IS DISTINCT FROM l.size OR o.e_tag IS DISTINCT FROM l.e_tag OR o.last_modified_date IS DISTINCT FROM l.last_modified_date
