copy (
    -- PostgreSQL: what the builds of a range have made. Both tables are read along their primary keys.
    select o.build::bigint, o.stepnr::integer, o.name::text, o.path::text, s.system::text, s.stoptime::bigint
    from buildstepoutputs o
    left join buildsteps s on s.build = o.build and s.stepnr = o.stepnr
    where o.path is not null and o.build >= {from} and o.build < {until}
) to stdout (format binary)
