-- PostgreSQL: outputs of a build ($1), if it has succeeded.
select o.path from buildoutputs o join builds b on b.id = o.build
where o.path is not null and b.id = $1 and b.finished = 1 and b.buildstatus = 0
order by o.path
