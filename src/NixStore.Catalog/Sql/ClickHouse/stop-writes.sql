-- Ends statements of others that write into the catalog. {tables}: how they begin. Those of readers, into tables of their own, go on.
KILL QUERY WHERE startsWith(query, '{tables}') AND NOT startsWith(query, '{tables}work_') SYNC
