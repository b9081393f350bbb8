#!/usr/bin/env bash
# Puts DuckDB's library for a platform into a directory, from its npm package, which is fetched once and kept outside the clone.
# usage: duckdb.sh RUNTIME-IDENTIFIER DIRECTORY       such as linux-x64 obj/duckdb/linux-x64
set -euo pipefail
version=1.5.6-r.1
case $1 in
  linux-x64)        package=linux-x64        digest=3f4962cdd266eab2b479a5b5a4a6d063d279b2954ae814ed00385d553b747633 ;;
  linux-arm64)      package=linux-arm64      digest=23686593dba4ec22c6e581bb1c843b3964e84c4bc4d0063d8b4daddd2e20e30a ;;
  linux-musl-x64)   package=linux-x64-musl   digest=b08c938d495995864a84ab0c5d38e1e8e6dddcc9fddbbc26c85fc09ad48ececb ;;
  linux-musl-arm64) package=linux-arm64-musl digest=2b322fee1f171915e5f19182277f63b9a2f1b409bb731cb93491de6a149b2417 ;;
  osx-arm64)        package=darwin-arm64     digest=75a519cb914ae36ca22cff0995a8a2e8c9a46990b8c0a479514f741a0d93f344 ;;
  *) echo "There is no library of DuckDB for $1." >&2; exit 1 ;;
esac
case $1 in osx-*) file=libduckdb.dylib ;; *) file=libduckdb.so ;; esac
if command -v sha256sum >/dev/null; then sum=sha256sum; else sum="shasum -a 256"; fi
right() { [ -e "$1" ] && echo "$digest  $1" | $sum -c --status - 2>/dev/null; }

kept=${NIXLAB:-${XDG_CACHE_HOME:-$HOME/.cache}/nixstore}/duckdb/$version/$1
if ! right "$kept/$file"; then
  command -v npm >/dev/null || { echo "DuckDB's library comes from npm, which this machine does not have (Debian: apt install npm). Or give the library: -p:DuckDBLibrary=/path/$file" >&2; exit 1; }
  mkdir -p "$kept"
  scratch=$(mktemp -d "$kept/fetch.XXXXXX"); trap 'rm -rf "$scratch"' EXIT
  (cd "$scratch" && npm pack --silent "@duckdb/node-bindings-$package@$version" >/dev/null && tar -xzf ./*.tgz "package/$file" package/LICENSE)
  right "$scratch/package/$file" || { echo "The library in @duckdb/node-bindings-$package@$version is another one than it was." >&2; exit 1; }
  mv -f "$scratch/package/LICENSE" "$scratch/package/$file" "$kept/"
fi
mkdir -p "$2"
for name in "$file" LICENSE; do ln -f "$kept/$name" "$2/$name" 2>/dev/null || cp -f "$kept/$name" "$2/$name"; done
