#!/usr/bin/env bash
# Publishes the executable `nixstore` for this machine: native code, compiled in advance. Needs a C compiler to link.
# Where the machine has the libraries to link with, it is one file that needs nothing at all where it runs; else it needs a C library as new as this
# machine's there, and SQLite's library beside it.
# usage: rescue.sh DIRECTORY
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
compiler=$(command -v clang || command -v gcc || command -v cc)
missing=()
[ "$(uname)" = Linux ] || missing+=("a Linux that can link statically")
for program in cmake make npm; do command -v $program >/dev/null || missing+=("$program"); done
for library in libc libm libssl libcrypto libzstd liblzma libbz2; do
  [ -f "$("$compiler" -print-file-name=$library.a)" ] || missing+=("$library.a")
done
[ ${#missing[@]} != 0 ] || sqlite=$(build/sqlite.sh output/sqlite) || missing+=("source of SQLite, which npm has")

if [ ${#missing[@]} = 0 ]; then
  linking=true
else
  linking=false
  echo "NIXSTORE IS NOT LINKED STATICALLY, and will not run where there is no C library: this machine has no ${missing[*]}"
  echo "(Debian: apt install cmake make npm libc6-dev libssl-dev libzstd-dev liblzma-dev libbz2-dev)"
fi

# The linker's advice about name services and dlopen in a static executable is known: see docs/nixstore.md.
dotnet publish src/NixStore.Rescue --configuration Release --use-current-runtime --output "$1" -v quiet -nologo -p:LinkStatically=$linking -p:SqliteLibrary="${sqlite:-}" \
  | sed "/Using '.*' in statically linked applications/d; /CMake warning/d"
# What another way of linking has left there.
if [ $linking = true ]; then rm -f "$1/libe_sqlite3.so"; fi
