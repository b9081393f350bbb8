#!/bin/bash
# A real browser without a screen for tests of pages: Debian's chromium-headless-shell.
#   browser.sh get        unpacks it into $NIXLAB/chromium (default ~/.cache/nixstore/chromium) unless it is there: about 110 MB with the libraries that this machine lacks
#   browser.sh run DIR    runs it on an empty profile in DIR until its standard input ends; prints the address of its DevTools (ws://127.0.0.1:…) when it answers
# Nothing is installed on the machine, and the browser has nothing to do with anybody's profile. Needs nothing but Debian's mirror when it is not there yet.
set -euo pipefail
root=${NIXLAB:-$HOME/.cache/nixstore}/chromium

get() {
  [ ! -e "$root/.complete" ] || return 0
  mkdir -p "$root"
  exec 9>"$root.lock"; flock 9
  [ ! -e "$root/.complete" ] || return 0
  local debs=$root/debs
  rm -rf "$root"; mkdir -p "$debs/partial"
  local options=(-y -qq -o Dir::Cache::archives="$debs" -o APT::Sandbox::User=root -o Debug::NoLocking=true --no-install-recommends --download-only)
  { apt-get "${options[@]}" install chromium-headless-shell fonts-dejavu-core || { apt-get update -qq && apt-get "${options[@]}" install chromium-headless-shell fonts-dejavu-core; }; } >&2
  for package in "$debs"/*.deb; do dpkg-deb -x "$package" "$root"; done
  rm -rf "$debs"
  touch "$root/.complete"
}

case ${1:?get or run} in
get) get;;
run)
  get >&2
  profile=${2:?the folder of the profile}
  browser=$root/usr/lib/chromium/chromium-headless-shell
  [ -x "$browser" ] || { echo "chromium-headless-shell is not where it was: $root" >&2; exit 1; }
  export LD_LIBRARY_PATH=$(find "$root/usr/lib" "$root/lib" -type d -name '*-linux-gnu' 2>/dev/null | tr '\n' ':')$(find "$root/usr/lib" -type d -name pulseaudio | head -1) FONTCONFIG_FILE=$profile/fonts.conf
  mkdir -p "$profile"
  # The same letters everywhere.
  cat > "$profile/fonts.conf" <<C
<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>$root/usr/share/fonts</dir><dir>/usr/share/fonts</dir><cachedir>$profile/fonts</cachedir>
<alias><family>system-ui</family><prefer><family>DejaVu Sans</family></prefer></alias>
<alias><family>ui-monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias></fontconfig>
C
  "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --hide-scrollbars --disable-background-networking --disable-component-update --disable-sync \
    --remote-debugging-port=0 --user-data-dir="$profile" about:blank > "$profile/log" 2>&1 < /dev/null &
  server=$!
  trap 'kill $server 2>/dev/null; wait $server 2>/dev/null || true' EXIT
  # However slow the machine is: it ends by itself when it cannot start.
  address=
  while [ -z "$address" ]; do
    address=$(sed -n 's/^DevTools listening on \(ws:.*[/][-0-9a-f]\{36\}\)$/\1/p' "$profile/log")
    [ -n "$address" ] || kill -0 $server 2>/dev/null || { cat "$profile/log" >&2; exit 1; }
    sleep 0.1
  done
  echo "$address"
  cat > /dev/null || true;;
*) exit 2;;
esac
