#!/usr/bin/env pwsh
<#
.SYNOPSIS
Measures verifying and listing beside real Nix on the same stores in one run, and prints the ratios as Markdown.
.DESCRIPTION
Each command runs as a process of its own (NixStore's through `nixstore`, the rescue executable: the engine without PowerShell), in turns
with the ones it is compared with, page cache warm. Of each the fastest wall time, the least CPU time and the largest peak memory count.
Stores are made once, by real Nix, under -DataDirectory.
.EXAMPLE
./build.ps1 -Task Bench
#>
[CmdletBinding()]
param(
    # Where the stores are kept: 12 GB.
    [string] $DataDirectory = (Join-Path ($env:NIXLAB ?? "$HOME/.cache/nixstore") bench),

    [ValidateRange(1, 100)]
    [int] $Runs = 5,

    # The nixstore executable; published for speed by build.ps1 -Task Bench.
    [Parameter(Mandatory)]
    [string] $Executable
)

$ErrorActionPreference = 'Stop'
. $PSScriptRoot/measure.ps1 $DataDirectory $Runs
$many = Get-ManyStore
$few = Get-BenchStore few4g $interop/mkstore.sh '-n', 700, '-f', 3500, '-b', 3430000000
$million = Get-MillionStore

$rows = @(
    Compare-Command '20,000 paths, 300,000 files, 4.5 GB: contents' ([ordered]@{
        'nixstore verify' = "$Executable verify --store $many"
        'nix-store --verify --check-contents' = "$nix/nix234-store --store 'local?root=$many' --verify --check-contents"
        'nix store verify --all --no-trust' = "$nix/nix234 store verify --all --no-trust --store 'local?root=$many'"
    })
    Compare-Command 'few large files, 3.4 GB: contents' ([ordered]@{
        'nixstore verify' = "$Executable verify --store $few"
        'openssl dgst -sha256, two processes' = "find $few/nix/store -type f -print0 | xargs -0 -P2 -n 100 openssl dgst -sha256"
        'nix store verify --all --no-trust' = "$nix/nix234 store verify --all --no-trust --store 'local?root=$few'"
    })
    Compare-Command '20,000 paths: listing with state' ([ordered]@{
        'nixstore list' = "$Executable list --store $many"
        'nix path-info --all --json' = "$nix/nix234 path-info --all --json --json-format 1 --store 'local?root=$many'"
    })
    Compare-Command '1,000,000 paths: listing with state' ([ordered]@{
        'nixstore list' = "$Executable list --store $million"
    })
)

Write-Table $rows
