#!/usr/bin/env bash
# Compiles SQLite, of the version that the module brings, into a library to link with, and prints where it is. The source is in an npm package.
# usage: sqlite.sh DIRECTORY
set -euo pipefail
package=better-sqlite3@12.4.1   # SQLite 3.50.4, as in the NuGet package SourceGear.sqlite3 of Directory.Packages.props
digest=90b7189566ea710ee18361b25d893f5cda3fcf43033223a16384762f53e99a85
compiler=$(command -v clang || command -v gcc || command -v cc)
# Made once for each state of this script.
directory=$(readlink -m "$1")/$(sha256sum "$0" | cut -c 1-16)
finished=$directory/libe_sqlite3.a
if [ -e "$finished" ]; then echo "$finished"; exit; fi

scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT
(cd "$scratch" && npm pack --silent $package >/dev/null && tar -xzf better-sqlite3-*.tgz package/deps/sqlite3)
source=$scratch/package/deps/sqlite3/sqlite3.c
echo "$digest  $source" | sha256sum --check --status || { echo "the source of SQLite in $package is another one than it was" >&2; exit 1; }

# As e_sqlite3 is compiled, without what a store's database has no use for.
options=(-DSQLITE_THREADSAFE=1 -DSQLITE_DEFAULT_FOREIGN_KEYS=1 -DSQLITE_DQS=0 -DSQLITE_LIKE_DOESNT_MATCH_BLOBS -DSQLITE_ENABLE_COLUMN_METADATA
  -DHAVE_USLEEP=1 -DHAVE_FDATASYNC=1 -DHAVE_LOCALTIME_R=1)
"$compiler" -O2 -w -c "${options[@]}" "$source" -o "$scratch/sqlite3.o"
mkdir -p "$directory"
ar rcs "$scratch/libe_sqlite3.a" "$scratch/sqlite3.o"
mv "$scratch/libe_sqlite3.a" "$finished"
echo "$finished"
