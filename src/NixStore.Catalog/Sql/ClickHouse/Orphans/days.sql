-- Counts of a day. {modified}, {place}: expressions over {source}, of which {condition} holds: time, and what the table found knows it by.
SELECT day_of({modified}) AS day, count() AS whole, countIf({place} IN (SELECT {known} FROM {found_shard})) AS orphans
FROM {source}
WHERE {condition} AND {time}
GROUP BY day
