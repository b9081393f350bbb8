<#
.SYNOPSIS
Prints the table of bench/: how fast we are beside real Nix.
#>
param([string] $Configuration)

& (Join-Path (Split-Path $PSScriptRoot) bench run.sh)
exit $LASTEXITCODE
