-- On each shard: logs, sent there where their derivations are.
INSERT INTO {logs} (drv, key)
SELECT log_derivation(key), key FROM {objects_shard} WHERE {objects_parts} AND is_visible(is_latest, is_delete_marker) AND startsWith(key, 'log/')
