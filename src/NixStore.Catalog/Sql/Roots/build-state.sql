-- PostgreSQL: how a build ($1) stands: whether it has finished, and with which status.
select finished, buildstatus from builds where id = $1
