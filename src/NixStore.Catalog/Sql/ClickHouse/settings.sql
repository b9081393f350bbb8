-- Which settings of some the server knows. {names}: the names of all of them.
SELECT name FROM system.settings WHERE name IN ({names})
