#!/bin/bash
# race.sh SECONDS LOG CACHE NIX PROGRAM COLLECTOR    (under in-store.sh: the store is physically at /nix/store)
#  Goes on for so long, and until there is something to be said of it: three collections (of kill: one killed) and a link; thirty times as long at most.
#  Builds, instantiates, adds and copies with real Nix (NIX is the prefix of its programs) in four loops while COLLECTOR collects in a fifth:
#   ours   PROGRAM gc         nix   nix-store --gc        both  the one after the other        kill  PROGRAM gc, all but the first killed at any moment
#  LOG gets LOOP.results (a line for each command, "ok" or "failed CODE"), LOOP.err (what failed ones said), roots ("TIME LINK PATH" once a link is made).
duration=$1 log=$2 cache=$3 nix=$4 program=$5 collector=$6
expr=$(dirname "$(readlink -f "$0")")/expr/race.nix
links=$log/links; mkdir -p "$links" "$log/files"
end=$((SECONDS + duration)) last=$((SECONDS + 30 * duration))
enough() { [ -s "$log/roots" ] && [ "$(grep -c . "$log/collect.results" 2> /dev/null)" -ge 3 ] && { [ $collector != kill ] || grep -q 'failed 137' "$log/collect.results"; }; }
going() { [ $SECONDS -lt $end ] || { [ $SECONDS -lt $last ] && ! enough; }; }
attempt() { # LOOP COMMAND...
  local loop=$1 code=0; shift
  "$@" > "$log/$loop.out" 2> "$log/$loop.last" || code=$?
  if [ $code = 0 ]; then echo ok >> "$log/$loop.results"; else echo "failed $code" >> "$log/$loop.results"; { echo "\$ $*"; cat "$log/$loop.last"; } >> "$log/$loop.err"; fi
  return $code
}
building() {
  local i=0
  while going; do
    i=$((i + 1))
    if [ $((i % 3)) = 0 ]; then
      attempt build "$nix-build" "$expr" --argstr shared $((i / 6)) --argstr own $i -o "$links/result-$i" \
        && echo "$(date +%s.%N) $links/result-$i $(readlink "$links/result-$i")" >> "$log/roots"
    else
      attempt build "$nix-build" "$expr" --argstr shared $((i / 6)) --argstr own $i --no-out-link
    fi
  done
}
instantiating() { local i=0; while going; do i=$((i + 1)); attempt instantiate "$nix-instantiate" "$expr" --argstr shared $((i / 6)) --argstr own $((i / 2))i; done; }
adding() {
  local i=0
  while going; do
    i=$((i + 1)); head -c $((i % 2 * 3000 + 500)) /dev/urandom > "$log/files/file$i"
    attempt add "$nix-store" --add "$log/files/file$i" "$log/files/file$((i / 2 + 1))"
  done
}
copying() {
  local i=0 paths; mapfile -t paths < <(sed -n 's|^StorePath: ||p' "$cache"/*.narinfo | sort)
  while going; do
    i=$((i + 7))
    attempt copy "$nix" copy --no-check-sigs --from "file://$cache" "${paths[$((i % ${#paths[@]}))]}"
    attempt copy "$nix" copy --to "file://$log/copy" "$(readlink -f /nix/var/nix/profiles/lab)"
  done
}
ours() { NIX_CONF_DIR=/var/empty "$program" gc --store local; }
collecting() {
  local start=$(date +%s%3N) length; [ $collector = kill ] && attempt collect ours; length=$(($(date +%s%3N) - start))
  # A collection that ended before it could be killed is a new measure.
  export program
  while going; do
    case $collector in
      ours) attempt collect ours;;
      nix) attempt collect "$nix-store" --gc;;
      both) attempt collect ours; attempt collect "$nix-store" --gc;;
      kill) start=$(date +%s%3N); attempt collect timeout -s KILL "$(awk -v l=$length -v r=$RANDOM 'BEGIN {print l / 1000 * (0.2 + r / 32768)}')" bash -c 'NIX_CONF_DIR=/var/empty exec "$program" gc --store local' && length=$(($(date +%s%3N) - start));;
    esac
  done
}
building & instantiating & adding & copying & collecting &
wait
