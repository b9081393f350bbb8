-- PostgreSQL: outputs of the latest successful build of each job of a jobset ($1, $2), and of its builds that Hydra is told to keep.
select o.path
from buildoutputs o
where o.path is not null and o.build in (
    select max(b.id) from builds b join jobsets s on s.id = b.jobset_id
    where s.project = $1 and s.name = $2 and b.finished = 1 and b.buildstatus = 0
    group by b.job
    union
    select b.id from builds b join jobsets s on s.id = b.jobset_id
    where s.project = $1 and s.name = $2 and b.finished = 1 and b.buildstatus = 0 and b.keep = 1)
order by o.path
