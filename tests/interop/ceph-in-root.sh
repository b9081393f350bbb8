#!/bin/bash
# Runs inside the root that s3-server.sh unpacked, until standard input ends: one mon, one osd in memory, one radosgw, on loopback only. ceph-in-root.sh DIR PORT
set -e
D=${1:-/srv/ceph}; PORT=${2:-9004}; AK=${AK:-AKTEST}; SK=${SK:-SKTEST}; MONP=$((PORT+1000))
T0=$(date +%s%N); el() { echo >&2 "  [$(( ($(date +%s%N)-T0)/1000000 )) ms] $*"; }
rm -rf $D; mkdir -p $D/mon $D/osd $D/run $D/rgw $D/log
FSID=$(cat /proc/sys/kernel/random/uuid)
cat > $D/ceph.conf <<C
[global]
fsid = $FSID
mon host = v2:127.0.0.1:$MONP/0
mon initial members = a
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
auth allow insecure global id reclaim = false
keyring = $D/keyring
ms bind ipv4 = true
ms bind ipv6 = false
run dir = $D/run
admin socket = $D/run/\$name.\$pid.asok
log file = $D/log/\$name.log
crash dir = $D/log
mon data = $D/mon
osd data = $D/osd
osd journal = $D/osd/journal
rgw data = $D/rgw
osd objectstore = memstore
memstore device bytes = 4294967296
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
mon osd reporter subtree level = osd
paxos propose interval = 0.05
paxos min wait = 0.01
mon data avail warn = 1
mon data avail crit = 1
osd class update on start = false
[client.rgw.a]
rgw frontends = beast endpoint=127.0.0.1:$PORT tcp_nodelay=1
rgw lc debug interval = 10
rgw enable usage log = false
rgw thread pool size = 64
rgw num rados handles = 1
debug rgw = 0
C
export CEPH_CONF=$D/ceph.conf CEPH_ARGS="-c $D/ceph.conf"
ceph-authtool -C $D/keyring --gen-key -n mon. --cap mon 'allow *' >/dev/null
ceph-authtool $D/keyring --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' >/dev/null
ceph-authtool $D/keyring --gen-key -n client.rgw.a --cap mon 'allow rw' --cap osd 'allow rwx' --cap mgr 'allow rw' >/dev/null
ceph-authtool $D/keyring --gen-key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *' >/dev/null
monmaptool --create --fsid $FSID --addv a "[v2:127.0.0.1:$MONP]" $D/monmap >/dev/null
ceph-mon -c $D/ceph.conf --mkfs -i a --monmap $D/monmap --keyring $D/keyring >/dev/null 2>&1
ceph-mon -c $D/ceph.conf -i a --pid-file $D/mon.pid >$D/log/mon.out 2>&1; el mon
OSDU=$(cat /proc/sys/kernel/random/uuid)
ceph -c $D/ceph.conf osd new $OSDU >/dev/null 2>>$D/log/cli.err
ceph -c $D/ceph.conf auth import -i $D/keyring >/dev/null 2>>$D/log/cli.err
ceph-osd -c $D/ceph.conf -i 0 --mkfs --osd-uuid $OSDU >$D/log/mkfs.out 2>&1
ceph-osd -c $D/ceph.conf -i 0 --pid-file $D/osd.pid >$D/log/osd.out 2>&1
until ceph -c $D/ceph.conf osd stat 2>/dev/null | grep -q '1 up'; do sleep 0.1; done; el osd up
radosgw-admin -c $D/ceph.conf user create --uid=test --display-name=test --access-key=$AK --secret-key=$SK >$D/log/user.out 2>&1; el user made
if [ -n "$IA" ]; then
  radosgw-admin -c $D/ceph.conf zonegroup placement add --rgw-zonegroup default --placement-id default-placement --storage-class STANDARD_IA >>$D/log/user.out 2>&1
  radosgw-admin -c $D/ceph.conf zone placement add --rgw-zone default --placement-id default-placement --storage-class STANDARD_IA --data-pool default.rgw.ia.data >>$D/log/user.out 2>&1; el "storage class STANDARD_IA added"
fi
radosgw -c $D/ceph.conf -n client.rgw.a --pid-file $D/rgw.pid >$D/log/rgw.out 2>&1
for i in $(seq 6000); do (exec 3<>/dev/tcp/127.0.0.1/$PORT) 2>/dev/null && break; sleep 0.05; done </dev/null; el rgw port open
echo "http://127.0.0.1:$PORT"
exec 1>&-
# Whoever started this holds the other end.
cat > /dev/null
