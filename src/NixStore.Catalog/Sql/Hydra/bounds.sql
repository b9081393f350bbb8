-- PostgreSQL: one more than the greatest build, and the least one that is not finished: all below it have all their steps.
select coalesce((select max(build) + 1 from buildstepoutputs), 0)::bigint, (select min(id) from builds where finished = 0)::bigint
