#!/usr/bin/env bash
# Builds everything, `nixstore` as it is published too, runs the xunit tests and leaves in output/TestResults
# their totals, one plain line, in xunit.txt and what failed, each with the beginning of its message, in xunit-failed.txt.
# A .trx file for each project says how long each test took.
# usage: xunit.sh CONFIGURATION FILTER      FILTER as 'dotnet test --filter' takes it
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
mkdir -p output/TestResults
totals=output/TestResults/xunit.txt
log=output/TestResults/xunit.log
rm -f output/TestResults/xunit-failed.txt
echo "xunit: not run, the build failed" > $totals
# The analyzers, which take as long as the compiler, are for every other build.
dotnet build NixStore.PowerShell.sln --configuration "$1" -v quiet -nologo -p:RunAnalyzers=false || exit
if command -v cc >/dev/null; then
  build/rescue.sh output/rescue || exit
  export NIXSTORE_EXECUTABLE=$PWD/output/rescue/nixstore
else
  echo "NIXSTORE NOT TESTED AS PUBLISHED: there is no C compiler to link it with (apt install gcc)"
fi
dotnet test NixStore.PowerShell.sln --no-build --configuration "$1" --filter "$2" \
  --logger "console;verbosity=minimal" --logger trx --blame-hang-timeout 10m --blame-hang-dump-type none --results-directory output/TestResults | tee $log
code=$?
sed -nE 's/.*Failed: +([0-9]+), Passed: +([0-9]+), Skipped: +([0-9]+).*/\1 \2 \3/p' $log \
  | awk '{ failed += $1; passed += $2; skipped += $3 } END { printf "xunit: %d passed, %d failed, %d skipped\n", passed, failed, skipped }' > $totals
grep -E -A 12 '^ +Failed .+\[[^]]*\]$' $log > output/TestResults/xunit-failed.txt
exit $code
