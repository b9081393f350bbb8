#!/usr/bin/env bash
# Makes a catalog of a binary cache that never was (once), plans to remove what 2,000 roots do not lead to, proves the plan, and prints what each took.
# usage: prune.sh [NARINFOS=30000000] [DIRECTORY=~/.cache/nixstore/bench]
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
count=${1:-30000000}
place=${2:-${NIXLAB:-$HOME/.cache/nixstore}/bench}/catalog-$count
dotnet build bench/CatalogGenerator -c Release -v quiet -nologo
tool() { dotnet exec bench/CatalogGenerator/bin/Release/net10.0/CatalogGenerator.dll "$@"; }
if [ ! -e "$place.answers.json" ]; then
  rm -rf "$place"
  mkdir -p "$(dirname "$place")"
  tool "$place" --count "$count" --objects
fi
rm -rf "$place.plan"
tool plan "$place" "$place.plan" 2000
du -sh "$place.plan"
tool prove "$place" "$place.plan"
