#!/usr/bin/env bash
# Puts a script of Vega, and its licence, into a directory, from its npm package, which is fetched once and kept outside the clone.
# usage: vega.sh PACKAGE DIRECTORY       such as vega-lite obj/vega
set -euo pipefail
case $1 in
  vega)       version=6.4.0 digest=8f6a3587cf8d4f42c7e08120e3eb05d067e746d554e39d2dcf52acc0bd5ba28f ;;
  vega-lite)  version=6.5.0 digest=83e215e84e308ee8688fa6503ba0f1cf8a3c05c0d61df2841a0b92bf86809e00 ;;
  vega-embed) version=7.3.0 digest=b1455caba2fb1a72fb46025ba0ba1316e2dbc7f0dd40a3f6040172bf9c08ba91 ;;
  *) echo "There is no package $1 here." >&2; exit 1 ;;
esac
file=$1.min.js
if command -v sha256sum >/dev/null; then sum=sha256sum; else sum="shasum -a 256"; fi
right() { [ -e "$1" ] && echo "$digest  $1" | $sum -c --status - 2>/dev/null; }

kept=${NIXLAB:-${XDG_CACHE_HOME:-$HOME/.cache}/nixstore}/vega/$1-$version
if ! right "$kept/$file"; then
  command -v npm >/dev/null || { echo "$file comes from npm, which this machine does not have (Debian: apt install npm)." >&2; exit 1; }
  mkdir -p "$kept"
  scratch=$(mktemp -d "$kept/fetch.XXXXXX"); trap 'rm -rf "$scratch"' EXIT
  (cd "$scratch" && npm pack --silent "$1@$version" >/dev/null && tar -xzf ./*.tgz "package/build/$file" package/LICENSE)
  right "$scratch/package/build/$file" || { echo "$file in $1@$version is another one than it was." >&2; exit 1; }
  mv -f "$scratch/package/LICENSE" "$scratch/package/build/$file" "$kept/"
fi
mkdir -p "$2"
ln -f "$kept/$file" "$2/$file" 2>/dev/null || cp -f "$kept/$file" "$2/$file"
{ echo "$1 $version"; echo; cat "$kept/LICENSE"; } > "$2/$1.LICENSE"
