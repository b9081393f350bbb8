<#
.SYNOPSIS
Runs demo/demo.ps1 against a fresh build.
#>
param([Parameter(Mandatory)] [string] $Configuration)

$root = Split-Path $PSScriptRoot
# Only the module: somebody is waiting to see it.
dotnet build (Join-Path $root src NixStore.PowerShell) --configuration $Configuration -v quiet -nologo
if ($LASTEXITCODE) { throw 'The build failed.' }
$env:PSModulePath = (Join-Path $root output), $env:PSModulePath -join [IO.Path]::PathSeparator
& (Join-Path $PSScriptRoot child.ps1) -File (Join-Path $root demo demo.ps1)
exit $LASTEXITCODE
