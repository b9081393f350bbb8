-- How many rows of each partition of a table a question finds. {name}: its name. {table}: it. {parts}: the condition for the rows that count.
SELECT {name} AS name, part, count() AS number FROM {table} WHERE {parts} GROUP BY part
