-- As of Tables/objects.
key String, version_id Nullable(String), is_latest Nullable(UInt8), is_delete_marker Nullable(UInt8), size Nullable(Int64), last_modified_date Nullable(Int64),
e_tag Nullable(String), storage_class Nullable(String), is_multipart_uploaded Nullable(UInt8), replication_status Nullable(String), encryption_status Nullable(String),
object_lock_retain_until_date Nullable(Int64), object_lock_mode Nullable(String), object_lock_legal_hold_status Nullable(String),
intelligent_tiering_access_tier Nullable(String), bucket_key_status Nullable(String), checksum_algorithm Nullable(String), object_access_control_list Nullable(String),
object_owner Nullable(String), lifecycle_expiration_date Nullable(Int64)
