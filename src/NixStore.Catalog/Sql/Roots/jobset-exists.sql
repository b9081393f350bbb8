-- PostgreSQL: whether there is a jobset ($1, $2).
select exists (select from jobsets where project = $1 and name = $2)
