#!/usr/bin/env bash
# overlay.sh DEST: an overlay store, not mounted, whose upper layer has 2,000 paths and 2 GB that real Nix has built, on an empty lower store.
# DEST/root is its root, with upper and work beside nix/store; DEST/lower is the lower store.
set -euo pipefail
dest=$1; interop=$(dirname "$(readlink -f "$0")")/../tests/interop; nix=${NIXLAB:-$HOME/.cache/nixstore}/nix/bin
"$interop/mkstore.sh" -n 2000 -f 30000 -b 2000000000 "$dest/root"
mv "$dest/root/nix/store" "$dest/root/upper"
rm -rf "$dest/root/upper/.links"
mkdir -p "$dest/root/nix/store" "$dest/root/work"
"$nix/nix234-store" --store "local?root=$dest/lower" --init
mkdir -p "$dest/lower/nix/store"
