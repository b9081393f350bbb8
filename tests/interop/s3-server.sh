#!/bin/bash
# A real S3 server for tests: Ceph's radosgw with one monitor and one OSD in memory, on loopback.
#   s3-server.sh get           unpacks it into $NIXLAB/ceph (default ~/.cache/nixstore/ceph) unless it is there: Debian forky's packages, 515 MB, 40-60 s
#   s3-server.sh run [PORT]    runs it until its standard input ends; prints the endpoint when it answers (3-10 s). Keys: $AK and $SK (AKTEST, SKTEST)
# Any number may run at once, each on its own ports (PORT and PORT+1000). IA=1 adds the storage class STANDARD_IA.
# Signatures, policies, versioning, lifecycle (a "day" is 10 s), tags, multi-delete and conditional requests work; S3 Inventory does not.
# Nothing is installed on the machine; the unpacked root is not written to, and everything ends with this process.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
root=${NIXLAB:-$HOME/.cache/nixstore}/ceph

get() {
  mkdir -p "$(dirname "$root")"
  exec 9>"$root.lock"; flock 9
  [ ! -e "$root/.complete" ] || return 0
  local debian apt=$root.apt d
  debian=$(grep -rhoE '^(URIs: *|deb (\[[^]]*\] )?)https?://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | grep -oE 'https?://[^ ]+/debian/?$' | head -1 || true)
  [ -n "$debian" ] || { echo "no Debian mirror is configured here" >&2; return 1; }
  rm -rf "$root" "$apt"
  mkdir -p "$root" "$apt"/etc/{apt.conf.d,preferences.d} "$apt"/state/lists/partial "$apt"/cache/archives/partial
  : > "$apt/state/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $debian forky main" > "$apt/etc/sources.list"
  cat > "$apt/apt.conf" <<C
Dir::Etc "$apt/etc"; Dir::Etc::sourcelist "$apt/etc/sources.list"; Dir::Etc::sourceparts "-"; Dir::Etc::trustedparts "/etc/apt/trusted.gpg.d";
Dir::State "$apt/state"; Dir::State::status "$apt/state/status"; Dir::Cache "$apt/cache"; APT::Sandbox::User "root"; APT::Install-Recommends "false";
Acquire::Languages "none"; Acquire::Check-Valid-Until "false";
C
  APT_CONFIG=$apt/apt.conf apt-get -qq update >&2
  APT_CONFIG=$apt/apt.conf apt-get -qq -y --download-only install base-files libc-bin bash coreutils sed grep dash radosgw ceph-mon ceph-osd ceph-common >/dev/null
  mkdir -p "$root"/usr/{bin,sbin,lib,lib64}
  for d in bin sbin lib lib64; do ln -sfn usr/$d "$root/$d"; done
  for d in "$apt"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$d" | tar -x -C "$root" --keep-directory-symlink --exclude=./usr/share/doc --exclude=./usr/share/locale --exclude=./usr/share/man
  done
  mkdir -p "$root"/{proc,dev,tmp,srv,run}
  ln -sfn dash "$root/usr/bin/sh"; ln -sfn "$(basename "$(ls "$root"/usr/bin/python3.[0-9]* | grep -v config | head -1)")" "$root/usr/bin/python3"
  printf '127.0.0.1 localhost\n' > "$root/etc/hosts"
  printf 'root:x:0:0::/root:/bin/bash\nceph:x:64045:64045::/var/lib/ceph:/bin/false\n' > "$root/etc/passwd"; printf 'root:x:0:\nceph:x:64045:\n' > "$root/etc/group"
  chroot "$root" ldconfig; rm -rf "$apt"; touch "$root/.complete"
}

case ${1:?get or run} in
get) get >&2;;
run)
  (get) >&2
  export AK=${AK:-AKTEST} SK=${SK:-SKTEST} IA=${IA:-}
  # A process namespace of its own: when its first process ends, everything in it is killed.
  exec unshare --mount --pid --fork --kill-child --propagation private bash -c '
    set -e; root=$0
    mount -t tmpfs -o mode=755 tmpfs "$root/srv"; cp "$2" "$root/srv/ceph-in-root.sh"
    mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"; mount -t tmpfs -o mode=755 tmpfs "$root/run"
    mount -t tmpfs -o size=1m,mode=755 tmpfs "$root/dev"
    for n in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 "$root/dev/${n%:*}" c 1 "${n#*:}"; done
    ln -s /proc/self/fd "$root/dev/fd"; mkdir "$root/dev/shm"
    mount -t proc proc "$root/proc"
    exec chroot "$root" /bin/bash /srv/ceph-in-root.sh /srv/ceph "$1"' "$root" "${2:-9004}" "$here/ceph-in-root.sh";;
*) exit 2;;
esac
