-- PostgreSQL: outputs of all successful builds that Hydra is told to keep.
select o.path from buildoutputs o join builds b on b.id = o.build
where o.path is not null and b.keep = 1 and b.finished = 1 and b.buildstatus = 0
order by o.path
