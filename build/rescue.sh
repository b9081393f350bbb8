#!/usr/bin/env bash
# Publishes the executable `nixstore` for this machine: native code, compiled in advance, and SQLite's library beside it. Needs a C compiler to link.
# usage: rescue.sh DIRECTORY
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
dotnet publish src/NixStore.Rescue --configuration Release --use-current-runtime --output "$1" -v quiet -nologo
