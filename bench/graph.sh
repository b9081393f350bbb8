#!/usr/bin/env bash
# Builds the graph of references of a binary cache as large as cache.nixos.org (the references are computed, not read), walks it from 200,000 roots,
# and prints what that took. Needs 18 GB of disk for each 300 million narinfos.
# usage: graph.sh [NARINFOS=298000000] [DIRECTORY=~/.cache/nixstore/bench]
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
count=${1:-298000000}
place=${2:-${NIXLAB:-$HOME/.cache/nixstore}/bench}/graph-$count
dotnet build bench/CatalogGenerator -c Release -v quiet -nologo
tool() { dotnet exec bench/CatalogGenerator/bin/Release/net10.0/CatalogGenerator.dll "$@"; }
rm -rf "$place"
tool graph "$place" "$count" 200000
# Again, with the files in the page cache as far as they fit.
tool graph "$place" "$count" 200000
