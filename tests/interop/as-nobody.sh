#!/bin/bash
# as-nobody.sh DIR... -- CMD...   run CMD as the user nobody, without privileges, in a private mount namespace in which DIRs of a closed home directory can be seen
dirs=(); while [ "$1" != -- ]; do dirs+=("$(readlink -f "$1")"); shift; done; shift
exec unshare -m --propagation private /bin/bash -c '
  n=$0; home=$(readlink -f ~root); keep=$(mktemp -d) || exit 99
  mount -t tmpfs -o mode=755 keep $keep || exit 99
  for ((i = 1; i <= n; i++)); do mkdir $keep/$i && mount --bind "${!i}" $keep/$i || exit 99; done
  mount -t tmpfs -o mode=755 home "$home" || exit 99
  for ((i = 1; i <= n; i++)); do mkdir -p "${!i}" && mount --bind $keep/$i "${!i}" || exit 99; done
  umount -l $keep; rmdir $keep; shift $n
  HOME=/nonexistent exec setpriv --reuid nobody --regid nogroup --clear-groups --inh-caps=-all --bounding-set=-all "$@"' ${#dirs[@]} "${dirs[@]}" "$@"
