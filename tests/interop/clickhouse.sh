#!/bin/bash
# A real ClickHouse cluster for tests: servers of Debian's (18.16) on loopback, one shard each.
#   clickhouse.sh find                 fails when the server is not on this machine (prepare.sh installs Debian's clickhouse-server)
#   clickhouse.sh run PORT [SHARDS=2]  runs 127.77.0.1, 127.77.0.2 and so on, each with its HTTP interface on PORT, until its standard input ends; prints the address
#                                      (clickhouse://127.77.0.1:PORT/catalog?cluster=lab) when all answer, about 2 s. Clusters: lab and twin have all of them, one the first,
#                                      heavy the first two, of which the second has more of the rows; of askew the second server has another order.
#                                      Commands on its standard input: kill N, start N, each answered by a line. The user locked has the password sesame, cut has limits
#                                      that cut answers off, and blind does not see all rows of the database filtered (18.16 shows them nevertheless).
# Nothing is started as a service; the data is in a temporary folder that goes at the end.
set -euo pipefail

find_server() {
  server=$(command -v clickhouse-server || ls /usr/sbin/clickhouse-server /usr/bin/clickhouse-server 2>/dev/null | head -1) && [ -n "$server" ] \
    || { echo "clickhouse-server is not on this machine: apt-get install clickhouse-server" >&2; return 1; }
}

shard_xml() { echo "<shard><replica><host>127.77.0.$1</host><port>$((port + 1))</port></replica></shard>"; }

configure() {
  mkdir -p "$data/$1"
  cat > "$data/$1/config.xml" <<XML
<yandex>
  <logger><level>warning</level><log>$data/$1/log</log><errorlog>$data/$1/errors</errorlog></logger>
  <http_port>$port</http_port><tcp_port>$((port + 1))</tcp_port><interserver_http_port>$((port + 2))</interserver_http_port>
  <listen_host>127.77.0.$1</listen_host><timezone>UTC</timezone>
  <path>$data/$1/data/</path><tmp_path>$data/$1/tmp/</tmp_path><users_config>$data/$1/users.xml</users_config>
  <default_profile>default</default_profile><default_database>default</default_database><mark_cache_size>536870912</mark_cache_size>
  <remote_servers>
    <lab>$(for i in $(seq "$shards"); do shard_xml "$i"; done)</lab>
    <one>$(shard_xml 1)</one>
    <twin>$(for i in $(seq "$shards"); do shard_xml "$i"; done)</twin>
    <heavy>$(shard_xml 1)$(shard_xml 2 | sed 's/<shard>/<shard><weight>3<\/weight>/')</heavy>
    <askew>$(for i in $(if [ "$1" = 2 ]; then seq "$shards" -1 1; else seq "$shards"; fi); do shard_xml "$i"; done)</askew>
    <copied><shard>$(for i in $(seq "$shards"); do shard_xml "$i" | sed 's/<\/*shard>//g'; done)</shard></copied>
  </remote_servers>
</yandex>
XML
  cat > "$data/$1/users.xml" <<XML
<yandex>
  <profiles><default/><cut><max_rows_to_read>20000</max_rows_to_read><read_overflow_mode>break</read_overflow_mode></cut></profiles><quotas><default/></quotas>
  <users>
    <default><password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></default>
    <cut><password></password><networks><ip>::/0</ip></networks><profile>cut</profile><quota>default</quota></cut>
    <blind><password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
      <databases><filtered><narinfos_shard><filter>file_size != 3</filter></narinfos_shard></filtered></databases></blind>
    <locked><password>sesame</password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></locked>
  </users>
</yandex>
XML
}

start() {
  "$server" "--config-file=$data/$1/config.xml" > "$data/$1/output" 2>&1 < /dev/null &
  servers[$1]=$!
  for _ in $(seq 300); do
    if curl -sf -o /dev/null "http://127.77.0.$1:$port/ping"; then return 0; fi
    kill -0 "${servers[$1]}" 2>/dev/null || { cat "$data/$1/output" "$data/$1/errors" >&2; return 1; }
    sleep 0.1
  done
  return 1
}

stop() { kill -KILL "${servers[$1]}" 2>/dev/null || true; wait "${servers[$1]}" 2>/dev/null || true; }

case ${1:?find or run} in
find) find_server;;
run)
  find_server
  port=${2:?a port}
  shards=${3:-2}
  data=$(mktemp -d /tmp/nixstore-clickhouse-XXXXXX)
  declare -A servers=()
  trap 'for i in "${!servers[@]}"; do stop "$i"; done; rm -rf "$data"' EXIT
  for i in $(seq "$shards"); do configure "$i"; start "$i"; done
  echo "clickhouse://127.77.0.1:$port/catalog?cluster=lab"
  while read -r command shard; do
    case $command in
    kill) stop "$shard"; echo "killed $shard";;
    start) start "$shard"; echo "started $shard";;
    *) echo "unknown: $command" >&2; exit 2;;
    esac
  done;;
*) exit 2;;
esac
