-- The paths of a plan by class.
SELECT class, count(*), sum(coalesce(file_size, nar_size))::BIGINT, min(last_modified_at), max(last_modified_at) FROM plan_narinfos GROUP BY class ORDER BY class
