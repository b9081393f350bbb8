#!/usr/bin/env bash
# Makes a catalog of a binary cache that never was (once), walks it from 20,000 roots and asks it by the embedded engine, then copies it onto a ClickHouse cluster of one
# shard and of two (servers of this machine, so they share its processors) and does the same there, and prints what each took. Needs Debian's clickhouse-server.
# usage: clickhouse.sh [NARINFOS=3000000] [ROOTS=20000] [DIRECTORY=~/.cache/nixstore/bench]
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
count=${1:-3000000}
roots=${2:-20000}
place=${3:-${NIXLAB:-$HOME/.cache/nixstore}/bench}/catalog-$count
dotnet build bench/CatalogGenerator -c Release -v quiet -nologo
tool() { dotnet exec bench/CatalogGenerator/bin/Release/net10.0/CatalogGenerator.dll "$@"; }
if [ ! -e "$place.answers.json" ]; then
  rm -rf "$place"
  mkdir -p "$(dirname "$place")"
  tool "$place" --count "$count" --objects
fi
tool root "$place" "$roots"

ask() {
  echo "$2: reachability"; tool reach "$1"
  echo "$2: find"; tool find "$1" 'nixos-*.iso'
  for group in None Month PackageName Reachability StorageClass; do echo "$2: measure $group"; tool measure "$1" $group; done
  for kind in NarInfoWithoutNar DanglingReference; do echo "$2: orphans $kind"; tool orphans "$1" $kind; done
}

# The first time the graph of references has to be built.
rm -rf "$place/graph"
ask "$place" embedded
echo "embedded, the graph is there"; tool reach "$place"

for shards in 1 2; do
  coproc CLUSTER { tests/interop/clickhouse.sh run $((20000 + RANDOM % 10000)) $shards; }
  read -r address <&"${CLUSTER[0]}"
  echo "$shards shards: copy"; tool copy "$place" "$address"
  ask "$address" "$shards shards"
  input=${CLUSTER[1]}
  exec {input}>&-
  wait "$CLUSTER_PID"
done
