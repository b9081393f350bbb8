#!/usr/bin/env bash
# Gets what the tests use besides .NET and PowerShell, when it is missing and we are root (as in CI); otherwise says what to install.
# Tests that still miss something skip and say so.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")"
missing=()
want() { command -v "$1" >/dev/null || missing+=("$2"); }
want xz xz-utils; want zstd zstd; want bzip2 bzip2; want brotli brotli; want gzip gzip; want strace strace; want sqlite3 sqlite3
want python3 python3; want gcc gcc; want nginx nginx-light; want unshare util-linux; want setfattr attr; want setfacl acl; want chattr e2fsprogs; want openssl openssl
# Overlay stores: mounts without the kernel's, copies that share blocks, and what is written for containers.
want setpriv util-linux; want fuse-overlayfs fuse-overlayfs; want mkfs.xfs xfsprogs; python3 -c 'import yaml' 2>/dev/null || missing+=(python3-yaml)
# A catalog on a cluster.
PATH=$PATH:/usr/sbin want clickhouse-server clickhouse-server; want curl curl
# What `nixstore` is linked with, so that it needs nothing where it runs (build/rescue.sh).
want cmake cmake; want make make
want_library() { [ -n "$(find /usr/lib -maxdepth 2 -name "lib$1.a" -print -quit)" ] || missing+=("$2"); }
want_library c libc6-dev; want_library ssl libssl-dev; want_library zstd libzstd-dev
want_library lzma liblzma-dev; want_library bz2 libbz2-dev
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    # Nothing that is installed is started as a service.
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
    apt-get update -qq >&2 && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null \
      || echo "TOOLS MISSING: installing ${missing[*]} failed; tests that use them skip" >&2
  else
    echo "TOOLS MISSING: tests that use ${missing[*]} skip; install these packages" >&2
  fi
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  # An S3 server; unpacked beside all else that goes on, and whoever needs it waits for it.
  setsid ./s3-server.sh get > "${TMPDIR:-/tmp}/nixstore-s3-server.log" 2>&1 < /dev/null &
  # A current ClickHouse, likewise.
  setsid ./clickhouse.sh get > "${TMPDIR:-/tmp}/nixstore-clickhouse.log" 2>&1 < /dev/null &
  ./get-nix.sh >/dev/null || echo "REAL NIX MISSING: get-nix.sh failed; tests against real Nix skip" >&2
elif [ ! -e "${NIXLAB:-$HOME/.cache/nixstore}/nix/.complete" ]; then
  echo "REAL NIX MISSING: tests against real Nix skip; run tests/interop/get-nix.sh as root on Debian" >&2
fi
exit 0
