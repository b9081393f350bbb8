-- Roots that have not expired, all, and the greatest age of a rule that has not. {now}: the moment that counts.
SELECT countIf(expires_at IS NULL OR expires_at > {now}) AS living, count() AS whole, max(if(expires_at IS NULL OR expires_at > {now}, maximum_age, NULL)) AS age
FROM {roots} WHERE {roots_parts}
