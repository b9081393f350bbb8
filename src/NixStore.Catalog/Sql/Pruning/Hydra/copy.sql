copy (select * from deleted order by build, stepnr, name) to stdout (format csv, header true)
