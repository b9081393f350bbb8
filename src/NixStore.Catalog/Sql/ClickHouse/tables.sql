-- Names of tables. {database}: where. {pattern}: a regular expression.
SELECT name FROM system.tables WHERE database = {database} AND match(name, {pattern})
