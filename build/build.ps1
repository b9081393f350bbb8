<#
.SYNOPSIS
Compiles the solution, which lays out the module in output/NixStore/<version>/.
#>
param([Parameter(Mandatory)] [string] $Configuration)

$root = Split-Path $PSScriptRoot
dotnet build (Join-Path $root NixStore.PowerShell.sln) --configuration $Configuration -v minimal
if ($LASTEXITCODE) { throw 'The build failed.' }
