#!/usr/bin/env bash
# million.sh DEST: a store of 1,000,000 registered paths with up to five references each, most to recent paths, the others to a few popular
# ones, as packages have them; the paths themselves are empty files.
set -euo pipefail
dest=$1; store=$dest/nix/store; db=$dest/nix/var/nix/db
mkdir -p "$store" "$db"
sqlite3 "$db/db.sqlite" > /dev/null <<SQL
pragma journal_mode = wal;
$(cat "$(dirname "$(readlink -f "$0")")/../src/NixStore.Engine/Database/schema.sql")
begin;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000000)
insert into ValidPaths (path, hash, registrationTime, deriver, narSize, ultimate, sigs)
select '/nix/store/' || substr(replace(replace(replace(replace(lower(hex(randomblob(24))), 'e', 'z'), 'o', 'y'), 'u', 'x'), 't', 'w'), 1, 32) || '-package-' || i || '-1.0',
       'sha256:' || lower(hex(randomblob(32))), 1700000000 + i, null, 1000 + i, 1, null from n;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000000), r(k) as (values (1), (2), (3), (4), (5))
insert or ignore into Refs (referrer, reference) select i, case when k < 4 then max(1, i - abs(random()) % 3000) else 1 + abs(random()) % min(i, 2000) end from n, r;
commit;
SQL
printf 10 > "$db/schema"
cd "$store"
sqlite3 "$db/db.sqlite" "select substr(path, 12) from ValidPaths" | xargs -n 2000 touch
