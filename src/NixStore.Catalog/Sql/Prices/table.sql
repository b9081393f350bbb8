-- The rules of a price list, by storage class.
CREATE OR REPLACE TEMP TABLE prices (class VARCHAR, minimum_bytes BIGINT, minimum_seconds BIGINT, monitored_bytes BIGINT)
