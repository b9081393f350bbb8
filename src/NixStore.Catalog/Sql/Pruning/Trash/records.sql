SELECT plan, key, kind, hash, name, url, size, e_tag, storage_class, version, marker, taken_at FROM trash
