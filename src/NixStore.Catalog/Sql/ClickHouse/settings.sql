-- Which settings a server knows. {names}: of these.
SELECT name FROM system.settings WHERE name IN ({names})
