#!/usr/bin/env bash
# fetch.sh [COUNT [DIRECTORY]]: how fast narinfos are fetched from nginx on this machine, and parsed. Needs nginx (apt install nginx-light).
set -euo pipefail
count=${1:-200000}; data=${2:-$HOME/.cache/nixstore/bench/fetch}; port=${PORT:-18080}
root=$(dirname "$(dirname "$(readlink -f "$0")")")
bench() { DOTNET_TieredPGO=1 dotnet exec "$root/bench/FetchBench/bin/Release/net10.0/FetchBench.dll" "$@"; }
dotnet build "$root/bench/FetchBench" --configuration Release -v quiet -nologo

bench parse
cache=$data/cache-$count
if [ ! -e "$cache.complete" ]; then
  rm -rf "$cache"; bench files "$cache" "$count"; touch "$cache.complete"
fi

mkdir -p "$data/nginx"
# Workers of root's nginx are somebody else, who may not enter root's home.
user=; [ "$(id -u)" != 0 ] || user='user root;'
cat > "$data/nginx.conf" <<CONF
$user
worker_processes 1; daemon off; pid $data/nginx/pid; error_log $data/nginx/error.log;
events { worker_connections 2048; }
http {
  access_log off; keepalive_requests 1000000; sendfile on; tcp_nopush on;
  client_body_temp_path $data/nginx/body; proxy_temp_path $data/nginx/proxy; fastcgi_temp_path $data/nginx/fastcgi; uwsgi_temp_path $data/nginx/uwsgi; scgi_temp_path $data/nginx/scgi;
  server { listen 127.0.0.1:$port; root $cache; }
}
CONF
nginx -c "$data/nginx.conf" & nginx=$!
trap 'kill $nginx; wait $nginx 2>/dev/null || true' EXIT
curl -sS --fail --retry 50 --retry-delay 1 --retry-connrefused --max-time 60 "http://127.0.0.1:$port/nix-cache-info" > /dev/null

for limit in 16 64 256; do bench fetch "http://127.0.0.1:$port" "$cache" $limit; done
for limit in 64 256; do
  rm -rf "$data/catalog"
  bench update "$data/catalog" "http://127.0.0.1:$port" "$cache" $limit 50000
done
rm -rf "$data/catalog"
bench update "$data/catalog" "file://$cache" "$cache" 16 50000
