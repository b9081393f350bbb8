-- On each shard: logs of what goes, sent there where these objects are.
INSERT INTO {wanted_keys} (key) SELECT key FROM {logs_shard} WHERE drv != '' AND drv IN (SELECT drv FROM {derivers_shard})
