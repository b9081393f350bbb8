#!/usr/bin/env bash
# Makes a catalog of a binary cache that never was (once), asks it, imports its inventories again, and prints what each took.
# usage: catalog.sh [NARINFOS=30000000] [DIRECTORY=~/.cache/nixstore/bench]
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
count=${1:-30000000}
place=${2:-${NIXLAB:-$HOME/.cache/nixstore}/bench}/catalog-$count
dotnet build bench/CatalogGenerator -c Release -v quiet -nologo
tool() { dotnet exec bench/CatalogGenerator/bin/Release/net10.0/CatalogGenerator.dll "$@"; }
if [ ! -e "$place.answers.json" ]; then
  rm -rf "$place" "$place.inventory"
  mkdir -p "$(dirname "$place")"
  tool "$place" --count "$count" --objects --inventory "$place.inventory"
fi
du -sh "$place/narinfos" "$place/objects"
tool find "$place" 'nixos-*.iso'
tool find "$place" 'package17-*'
for group in None Month PackageName System Compression StorageClass Kind; do printf '%s: ' $group; tool measure "$place" $group; done
# From the Parquet files to what 200,000 roots lead to.
rm -rf "$place/graph"
tool walk "$place" 200000
for format in csv parquet; do
  rm -rf "$place.imported"
  printf 'inventory, %s: ' $format; tool import "$place.imported" "$place.inventory/cache/$format"
done
rm -rf "$place.imported"
