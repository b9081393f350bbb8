copy (select o.* from buildstepoutputs o join pruned p on p.path = o.path order by o.build, o.stepnr, o.name) to stdout (format csv, header true)
