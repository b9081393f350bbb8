<#
.SYNOPSIS
Runs demo/demo.ps1 against a fresh build.
#>
param([Parameter(Mandatory)] [string] $Configuration)

$root = Split-Path $PSScriptRoot
& (Join-Path $PSScriptRoot build.ps1) -Configuration $Configuration
$env:PSModulePath = (Join-Path $root output), $env:PSModulePath -join [IO.Path]::PathSeparator
& (Join-Path $PSScriptRoot child.ps1) -File (Join-Path $root demo demo.ps1)
exit $LASTEXITCODE
