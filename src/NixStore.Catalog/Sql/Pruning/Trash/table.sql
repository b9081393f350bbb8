-- What plans have taken and is not back or cleared, one row an object.
CREATE TABLE trash (
    plan VARCHAR,
    key VARCHAR,
    kind VARCHAR,
    hash VARCHAR,
    name VARCHAR,
    url VARCHAR,
    size BIGINT,
    e_tag VARCHAR,
    storage_class VARCHAR,
    version VARCHAR,
    marker VARCHAR,
    taken_at TIMESTAMP_MS
);
CREATE TABLE done (plan VARCHAR, key VARCHAR, taken_at TIMESTAMP_MS)
