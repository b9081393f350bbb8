#!/bin/bash
# A real ClickHouse cluster for tests: servers of Debian's (18.16), or of a current version, on loopback, one shard each.
#   clickhouse.sh find [VERSION=debian]           fails when the server cannot be had: prepare.sh installs Debian's clickhouse-server; the current one comes from npm
#   clickhouse.sh run PORT [SHARDS=2] [VERSION]   runs 127.77.0.1, 127.77.0.2 and so on, each with its HTTP interface on PORT, until its standard input ends; prints the address
#                                                 (clickhouse://127.77.0.1:PORT/catalog?cluster=lab) when all answer, about 2 s. Clusters: lab and twin have all of them, one
#                                                 the first, heavy the first two, of which the second has more of the rows; of askew the second server has another order.
#                                                 Commands on its standard input: kill N, start N, each answered by a line. The user locked has the password sesame; jose with
#                                                 an accent has one with accents, spaces and a colon; of single it runs one query at a time; cut has limits that cut answers off;
#                                                 blind does not see all rows of the database filtered (18.16 shows them nevertheless).
#                                                 CERTIFICATE=FOLDER in the environment: by HTTPS only (clickhouses://), with FOLDER/certificate.pem, which is made there.
#                                                 PATIENCE=SECONDS: the servers hang up after so long a time in which nothing comes or goes by HTTP (default: 1800 as they are;
#                                                 the current one 15, which has 30 as it is).
#   clickhouse.sh get                             puts the current one (about 570 MB) into $NIXLAB/clickhouse (default ~/.cache/nixstore/clickhouse) unless it is there
# VERSION is debian or current. Nobody packages a current server where Debian and npm are all that can be had; but the library of the embedded one has clickhouse-local in
# it, which listens by HTTP and TCP as a server does, and knows clusters, users and databases.
# Nothing is started as a service; the data is in a temporary folder that goes at the end.
set -euo pipefail
current=26.7.3-stable.1
package=@chdb/lib-linux-x64-gnu
digest=36ad4e999882821ef13cf2d0f52c93f48e6ee1b4498b35a201c23ce4b8d15bf5
library=${NIXLAB:-$HOME/.cache/nixstore}/clickhouse/$current/libchdb.so
version=debian

get() {
  [ ! -e "$library" ] || return 0
  [ "$(uname -m)" = x86_64 ] || { echo "npm has ClickHouse $current for x86_64 only" >&2; return 1; }
  for program in npm python3; do command -v $program >/dev/null || { echo "ClickHouse $current comes from npm's $package, and is started by python3: this machine has no $program" >&2; return 1; }; done
  local folder; folder=$(dirname "$library")
  mkdir -p "$folder"
  ( flock 9
    [ ! -e "$library" ] || exit 0
    scratch=$(mktemp -d "$folder/get-XXXXXX"); trap 'rm -rf "$scratch"' EXIT
    cd "$scratch"
    npm pack --silent "$package@$current" >&2 && tar -xzf ./*.tgz package/libchdb.so || { echo "$package@$current cannot be had from npm" >&2; exit 1; }
    echo "$digest  package/libchdb.so" | sha256sum -c --status || { echo "The library in $package@$current is another one than it was." >&2; exit 1; }
    mv package/libchdb.so "$library"
  ) 9>"$folder.lock"
}

find_server() {
  case $version in
  current) get;;
  debian)
    server=$(command -v clickhouse-server || ls /usr/sbin/clickhouse-server /usr/bin/clickhouse-server 2>/dev/null | head -1) && [ -n "$server" ] \
      || { echo "clickhouse-server is not on this machine: apt-get install clickhouse-server" >&2; return 1; };;
  *) echo "unknown: $version" >&2; return 2;;
  esac
}

# Runs a server until it is killed. The standard input of this script has its commands, and is not for servers; the current one reads one that never ends.
run_server() {
  case $version in
  current) exec python3 "$(dirname "$(readlink -f "$0")")/clickhouse-current.py" "$library" "--config-file=$1/config.xml" <> "$data/never";;
  debian) exec "$server" "--config-file=$1/config.xml" < /dev/null;;
  esac
}

shard_xml() { echo "<shard><replica><host>127.77.0.$1</host><port>$((port + 1))</port></replica></shard>"; }

configure() {
  mkdir -p "$data/$1"
  cat > "$data/$1/config.xml" <<XML
<yandex>
  <logger><level>warning</level><log>$data/$1/log</log><errorlog>$data/$1/errors</errorlog></logger>
  <http${CERTIFICATE:+s}_port>$port</http${CERTIFICATE:+s}_port><tcp_port>$((port + 1))</tcp_port><interserver_http_port>$((port + 2))</interserver_http_port>
  <listen_host>127.77.0.$1</listen_host><timezone>UTC</timezone>
  <path>$data/$1/data/</path><tmp_path>$data/$1/tmp/</tmp_path><users_config>$data/$1/users.xml</users_config>
  <default_profile>default</default_profile><default_database>default</default_database><mark_cache_size>536870912</mark_cache_size>
  <openSSL><server>
    <certificateFile>${CERTIFICATE:-}/certificate.pem</certificateFile><privateKeyFile>${CERTIFICATE:-}/key.pem</privateKeyFile><verificationMode>none</verificationMode>
  </server></openSSL>
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
  <profiles>
    <default><http_send_timeout>$patience</http_send_timeout><http_receive_timeout>$patience</http_receive_timeout></default>
    <cut><max_rows_to_read>20000</max_rows_to_read><read_overflow_mode>break</read_overflow_mode></cut>
    <single><max_concurrent_queries_for_user>1</max_concurrent_queries_for_user></single>
  </profiles>
  <quotas><default/></quotas>
  <users>
    <default><password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></default>
    <cut><password></password><networks><ip>::/0</ip></networks><profile>cut</profile><quota>default</quota></cut>
    <blind><password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
      <databases><filtered><narinfos_shard><filter>file_size != 3</filter></narinfos_shard></filtered></databases></blind>
    <locked><password>sesame</password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></locked>
    <josé><password> sésame: é</password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></josé>
    <single><password></password><networks><ip>::/0</ip></networks><profile>single</profile><quota>default</quota></single>
  </users>
</yandex>
XML
}

start() {
  run_server "$data/$1" > "$data/$1/output" 2>&1 &
  servers[$1]=$!
  # However slow the machine is: a server that cannot start ends by itself.
  for _ in $(seq 3000); do
    if curl -sfk -o /dev/null "http${CERTIFICATE:+s}://127.77.0.$1:$port/ping" && (exec 3<> "/dev/tcp/127.77.0.$1/$((port + 1))") 2>/dev/null; then return 0; fi
    kill -0 "${servers[$1]}" 2>/dev/null || { cat "$data/$1/output" "$data/$1/errors" >&2; return 1; }
    sleep 0.1
  done
  return 1
}

stop() {
  local status=0
  kill -KILL "${servers[$1]}" 2>/dev/null || status=gone
  wait "${servers[$1]}" 2>/dev/null || [ $status != gone ] || { echo "the server $1 had ended by itself, with status $?" >&2; cat "$data/$1/output" >&2; }
}

case ${1:?find, run or get} in
get) get;;
find)
  version=${2:-$version}
  find_server;;
run)
  port=${2:?a port}
  shards=${3:-2}
  version=${4:-$version}
  find_server
  patience=${PATIENCE:-$([ "$version" = current ] && echo 15 || echo 1800)}
  data=$(mktemp -d /tmp/nixstore-clickhouse-XXXXXX)
  [ -z "${CERTIFICATE:-}" ] || openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=nixstore-clickhouse -addext "subjectAltName=$(for i in $(seq "$shards"); do printf '%sIP:127.77.0.%s' "$([ "$i" = 1 ] || echo ,)" "$i"; done)" \
    -keyout "$CERTIFICATE/key.pem" -out "$CERTIFICATE/certificate.pem" 2> "$data/openssl" || { cat "$data/openssl" >&2; exit 1; }
  mkfifo "$data/never"
  declare -A servers=()
  trap 'for i in "${!servers[@]}"; do stop "$i"; done; rm -rf "$data"' EXIT
  for i in $(seq "$shards"); do configure "$i"; start "$i"; done
  echo "clickhouse${CERTIFICATE:+s}://127.77.0.1:$port/catalog?cluster=lab"
  while read -r command shard; do
    case $command in
    kill) stop "$shard"; echo "killed $shard";;
    start) start "$shard"; echo "started $shard";;
    *) echo "unknown: $command" >&2; exit 2;;
    esac
  done;;
*) exit 2;;
esac
