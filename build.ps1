#!/usr/bin/env pwsh
<#
.SYNOPSIS
Builds, tests and packs NixStore. Each task is a small script in build/.
.EXAMPLE
./build.ps1 -Task Test -Filter Archive
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Demo', 'Docs', 'Pack', 'Bench', 'Soak', 'Analyze')]
    [string] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    # Test: only tests with this in their full name (xunit) or path (Pester).
    [string] $Filter
)

$ErrorActionPreference = 'Stop'
$arguments = @{ Configuration = $Configuration }
if ($Task -eq 'Test') { $arguments.Filter = $Filter }
& (Join-Path $PSScriptRoot build "$($Task.ToLowerInvariant()).ps1") @arguments
exit $LASTEXITCODE
