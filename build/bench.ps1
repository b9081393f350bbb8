<#
.SYNOPSIS
Prints the tables of bench/: how fast we are beside real Nix. Published for speed, whatever configuration is asked for.
#>
param([string] $Configuration)

$root = Split-Path $PSScriptRoot
$published = Join-Path $root output bench
& (Join-Path $PSScriptRoot rescue.sh) $published
if ($LASTEXITCODE) { exit $LASTEXITCODE }
& (Join-Path $root bench compare.ps1) -Executable (Join-Path $published nixstore)
& (Join-Path $root bench collect.ps1) -Executable (Join-Path $published nixstore)
& (Join-Path $root bench publish.ps1) -Executable (Join-Path $published nixstore)
