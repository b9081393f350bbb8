INSERT INTO prices VALUES ($1, $2, $3 * 86400, $4)
