<#
.SYNOPSIS
Compiles the solution, which lays out the module in output/NixStore/<version>/.
#>
param(
    [Parameter(Mandatory)] [string] $Configuration,

    # With DuckDB's library for each platform that the module runs on, not for this one alone.
    [switch] $ForAllPlatforms
)

$root = Split-Path $PSScriptRoot
$properties = if ($ForAllPlatforms) { '-p:DuckDBRuntimes="linux-x64;linux-arm64;linux-musl-x64;linux-musl-arm64;osx-arm64"' }
dotnet build (Join-Path $root NixStore.PowerShell.sln) --configuration $Configuration -v minimal $properties
if ($LASTEXITCODE) { throw 'The build failed.' }
