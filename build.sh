#!/usr/bin/env bash
# The way in: ./build.sh [build|test|demo|docs|pack|bench|soak|analyze] [--configuration Debug|Release] [--filter TEXT]
#   test --filter runs the tests whose full name (xunit) or path (Pester) contains TEXT.
# Finds the .NET SDK and PowerShell, then hands over to build.ps1. Without PowerShell, build, test and demo do what they can.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
task=build
case ${1:-} in "" | -*) ;; *) task=$1; shift ;; esac
configuration=Debug
filter=
while [ $# -gt 0 ]; do
  case $1 in
    --configuration | -c) configuration=${2:?Debug or Release}; shift 2 ;;
    --filter) filter=${2:?part of a test\'s name}; shift 2 ;;
    --help | -h) sed -n '2,4s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "build.sh: unknown option $1; see ./build.sh --help" >&2; exit 2 ;;
  esac
done
case $task in build | test | demo | docs | pack | bench | soak | analyze) ;; *) echo "build.sh: unknown task $task; see ./build.sh --help" >&2; exit 2 ;; esac

for place in "${DOTNET_ROOT:-}" "$HOME/.dotnet" /usr/share/dotnet /usr/lib/dotnet /usr/local/share/dotnet; do
  command -v dotnet >/dev/null && break
  [ ! -x "$place/dotnet" ] || PATH=$place:$PATH
done
if ! dotnet --version >/dev/null 2>&1; then
  echo "build.sh: no .NET SDK as global.json asks for. Get .NET 10 from your distribution (dotnet-sdk-10.0) or https://dotnet.microsoft.com/download" >&2
  exit 1
fi
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
[ -t 1 ] || export NO_COLOR=1

[ "$task" != test ] || tests/interop/prepare.sh

pwsh=()
if command -v pwsh >/dev/null; then
  pwsh=(pwsh)
elif dotnet tool restore >/dev/null 2>&1; then
  pwsh=(dotnet tool run pwsh)
fi
if [ ${#pwsh[@]} -gt 0 ]; then
  exec "${pwsh[@]}" -NoProfile -NonInteractive -File build.ps1 -Task "$task" -Configuration "$configuration" ${filter:+-Filter "$filter"}
fi

how="PowerShell 7.6 is not here and 'dotnet tool restore' cannot get it; see https://aka.ms/powershell for packages"
case $task in
  build) exec dotnet build NixStore.PowerShell.sln --configuration "$configuration" ;;
  test)
    code=0
    build/xunit.sh "$configuration" "Category!=Soak${filter:+&FullyQualifiedName~$filter}" || code=$?
    cat output/TestResults/xunit-failed.txt 2>/dev/null || true
    echo "PESTER SKIPPED: $how"
    cat output/TestResults/xunit.txt
    exit $code ;;
  demo)
    echo "NO POWERSHELL, so this is the demo of the rescue executable: $how"
    exec dotnet run --project src/NixStore.Rescue --configuration "$configuration" -- demo ;;
  *) echo "build.sh: task $task needs PowerShell. $how" >&2; exit 1 ;;
esac
