-- The objects of a plan by kind.
SELECT kind, count(*), coalesce(sum(size), 0)::BIGINT, count(*) FILTER (e_tag IS NULL AND size IS NULL AND last_modified_date IS NULL)
FROM plan_objects GROUP BY kind ORDER BY kind
