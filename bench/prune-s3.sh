#!/usr/bin/env bash
# Writes narinfos into a bucket of radosgw on this machine for each mode (Delete, Trash), applies a plan that takes them, and prints the rates with
# the CPU time of this side; what is left of the machine is the server's.
# usage: prune-s3.sh [NARINFOS=100000] [MODE=Delete...]       as root; see tests/interop/s3-server.sh
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
count=${1:-100000}; shift || true
dotnet build bench/CatalogGenerator -c Release -v quiet -nologo
tests/interop/s3-server.sh get
export AWS_ACCESS_KEY_ID=AKTEST AWS_SECRET_ACCESS_KEY=SKTEST
coproc server { tests/interop/s3-server.sh run 25800; }
read -r endpoint <&"${server[0]}"
plans=$(mktemp -d)
trap 'rm -rf "$plans"; eval "exec ${server[1]}>&-"; wait' EXIT
for mode in "${@:-Delete}"; do
  echo "== $mode"
  dotnet exec bench/CatalogGenerator/bin/Release/net10.0/CatalogGenerator.dll prune "$plans/$mode" "s3://prune-${mode,,}?endpoint=$endpoint&region=us-east-1" "$count" $mode
done
