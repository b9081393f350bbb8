#!/bin/bash
# systemd.sh UNITS COMMAND   boots the real systemd in namespaces of its own with the units in the directory UNITS and none of the machine's,
# runs COMMAND in it by /bin/sh (as root, with systemctl and journalctl working), and ends with its exit code. Needs root, no running systemd,
# and control groups that may be written to. 97: it did not come up.
set -u
units=$(readlink -f "$1"); work=$(mktemp -d)
printf '%s\n' "$2" > "$work/command"
for name in sysinit basic timers sockets paths shutdown umount final exit; do
    printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' "$name" > "$units/$name.target"
done
printf '[Unit]\nDefaultDependencies=no\nWants=systemd-journald.service command.service timers.target\n' > "$units/default.target"
printf '[Unit]\nDefaultDependencies=no\nAfter=systemd-journald.service timers.target\n[Service]\nType=oneshot\nStandardOutput=file:%s\nStandardError=file:%s\nExecStart=/bin/sh -c "sh %s; echo $$? > %s"\n' \
    "$work/output" "$work/errors" "$work/command" "$work/code" > "$units/command.service"
cp /usr/lib/systemd/system/systemd-journald{.service,.socket} "$units/"

# Neither the machine's files nor its names, processes and messages are touched.
inside='for d in /run /var/lib/systemd /var/log; do mount -t tmpfs none $d || exit 1; done
mount --bind "$0" /etc/systemd/system || exit 1
echo 0123456789abcdef0123456789abcdef > /run/id; [ -e /etc/machine-id ] && mount --bind /run/id /etc/machine-id
exec env -i container=lab SYSTEMD_UNIT_PATH=/etc/systemd/system PATH=/usr/sbin:/usr/bin /lib/systemd/systemd --system --log-target=console'
unshare -m -p -f -C -i -u -n --kill-child --mount-proc --propagation private /bin/bash -c "$inside" "$units" > "$work/log" 2>&1 < /dev/null &
for _ in $(seq 6000); do [ -s "$work/code" ] && break; kill -0 $! 2> /dev/null || break; sleep 0.1; done
kill -9 $! 2> /dev/null; wait $! 2> /dev/null
for controller in /sys/fs/cgroup /sys/fs/cgroup/*/; do find "$controller"/{init.scope,system.slice} -depth -type d -exec rmdir {} + ; done 2> /dev/null
cat "$work/output" 2> /dev/null; cat "$work/errors" >&2 2> /dev/null
code=$(cat "$work/code" 2> /dev/null) || { cat "$work/log" >&2; code=97; }
rm -rf "$work"
exit "$code"
