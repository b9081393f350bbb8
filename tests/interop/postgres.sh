#!/bin/bash
# A real PostgreSQL 15 for tests, on a socket of its own and on loopback.
#   postgres.sh get           unpacks it into $NIXLAB/postgresql (default ~/.cache/nixstore/postgresql) unless it is there or on this machine: Debian's packages, 20 MB
#   postgres.sh run [PORT]    runs it until its standard input ends; prints its address (postgresql://postgres@127.0.0.1:PORT/hydra) when it answers, about 1 s.
#                             The database hydra has the tables of hydra.sql in this folder.
#   postgres.sh ask PORT      runs the SQL on its standard input in the database hydra
# Nothing is installed on the machine; the data is in a temporary folder that goes at the end. Needs nothing but Debian's mirror when it is not there yet.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
root=${NIXLAB:-$HOME/.cache/nixstore}/postgresql
version=15

find_binaries() {
  for bin in "/usr/lib/postgresql/$version/bin" "$root/usr/lib/postgresql/$version/bin"; do
    if [ -x "$bin/postgres" ] && [ -x "$bin/initdb" ]; then return 0; fi
  done
  return 1
}

get() {
  find_binaries && return 0
  mkdir -p "$root"
  exec 9>"$root.lock"; flock 9
  find_binaries && return 0
  (cd "$root" && { apt-get download -qq postgresql-$version postgresql-client-$version libpq5 || { apt-get update -qq && apt-get download -qq postgresql-$version postgresql-client-$version libpq5; }; } >&2)
  for package in "$root"/*.deb; do dpkg -x "$package" "$root"; rm "$package"; done
  find_binaries || { echo "PostgreSQL $version is not to be had here" >&2; return 1; }
}

case ${1:?get, run or ask} in
get) get;;
ask)
  get
  export LD_LIBRARY_PATH=$(ls -d "$root"/usr/lib/*-linux-gnu 2>/dev/null | head -1)${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  exec "$bin/psql" -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$2" -U postgres -d hydra;;
run)
  get
  port=${2:-54321}
  data=$(mktemp -d /tmp/nixstore-postgres-XXXXXX)
  server=
  trap '[ -z "$server" ] || { kill -INT "$server" 2>/dev/null; wait "$server" 2>/dev/null; }; rm -rf "$data"' EXIT
  export LD_LIBRARY_PATH=$(ls -d "$root"/usr/lib/*-linux-gnu 2>/dev/null | head -1)${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} LC_ALL=C.UTF-8
  as=()
  if [ "$(id -u)" = 0 ]; then
    # It refuses root. A folder of root's that nobody may pass is in the way of the cached binaries, so they are then run from a copy.
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    if ! "${as[@]}" test -x "$bin/postgres" 2>/dev/null; then
      cp -a "$root/usr" "$data/usr"; chmod 755 "$data"; bin=$data${bin#"$root"}; LD_LIBRARY_PATH=$(ls -d "$data"/usr/lib/*-linux-gnu | head -1)
    fi
    chown 65534:65534 "$data"
  fi
  "${as[@]}" "$bin/initdb" -D "$data/db" -U postgres -A trust --no-sync -E UTF8 > "$data/log" 2>&1 || { cat "$data/log" >&2; exit 1; }
  # What is not durable is fast; the tests kill their own program, not the server.
  "${as[@]}" "$bin/postgres" -D "$data/db" -p "$port" -k "$data" -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c max_connections=30 >> "$data/log" 2>&1 < /dev/null &
  server=$!
  # However slow the machine is: it ends by itself when it cannot start.
  for _ in $(seq 3000); do
    if "$bin/psql" -q -h "$data" -p "$port" -U postgres -c 'create database hydra' > /dev/null 2>> "$data/log"; then break; fi
    kill -0 $server 2>/dev/null || { cat "$data/log" >&2; exit 1; }
    sleep 0.1
  done
  "$bin/psql" -q -v ON_ERROR_STOP=1 -h "$data" -p "$port" -U postgres -d hydra -f "$here/hydra.sql" > /dev/null
  echo "postgresql://postgres@127.0.0.1:$port/hydra"
  cat > /dev/null || true;;
*) exit 2;;
esac
