#!/usr/bin/env pwsh
<#
.SYNOPSIS
Measures NixStore beside real Nix on the same stores in one run, and prints the ratios as Markdown.
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
$interop = Join-Path $PSScriptRoot .. tests interop
$nix = Join-Path ($env:NIXLAB ?? "$HOME/.cache/nixstore") nix bin
$env:NIX_CONF_DIR = Join-Path $nix .. nix234 etc

function Invoke-Measured([string] $Command) {
    $report = New-TemporaryFile
    & /usr/bin/time -f '%e %U %S %M' -o $report.FullName -- bash -c $Command *> $null
    $wall, $user, $system, $peak = (Get-Content $report | Select-Object -Last 1) -split ' '
    Remove-Item $report
    [pscustomobject]@{ Wall = [double] $wall; Cpu = [double] $user + [double] $system; PeakMiB = [int] ($peak / 1024) }
}

# Runs the commands in turns, so that a busy moment of the machine hits all of them.
function Compare-Command([string] $Subject, [System.Collections.Specialized.OrderedDictionary] $Commands) {
    $results = @{}
    foreach ($name in $Commands.Keys) { $results[$name] = @() ; $null = Invoke-Measured $Commands[$name] }
    foreach ($run in 1..$Runs) {
        Write-Progress -Activity $Subject -Status "run $run of $Runs" -PercentComplete (100 * ($run - 1) / $Runs)
        foreach ($name in $Commands.Keys) { $results[$name] += Invoke-Measured $Commands[$name] }
    }
    $own = $null
    foreach ($name in $Commands.Keys) {
        $row = [pscustomobject]@{
            Subject = $Subject
            Command = $name
            Wall = ($results[$name].Wall | Measure-Object -Minimum).Minimum
            Cpu = ($results[$name].Cpu | Measure-Object -Minimum).Minimum
            PeakMiB = ($results[$name].PeakMiB | Measure-Object -Maximum).Maximum
            Ratio = 1.0
        }
        $own ??= $row
        $row.Ratio = $row.Wall / $own.Wall
        $row
    }
}

function Get-BenchStore([string] $Name, [string[]] $Arguments) {
    $path = Join-Path $DataDirectory $Name
    if (-not (Test-Path "$path/.complete")) {
        Write-Host "Making the store $path ..."
        Remove-Item -Recurse -Force $path -ErrorAction Ignore
        & (Join-Path $interop mkstore.sh) @Arguments $path *> "$path.log"
        if ($LASTEXITCODE) { throw "mkstore.sh failed; see $path.log" }
        New-Item "$path/.complete" | Out-Null
    }
    $path
}

# A million rows and empty files: the database alone matters for a listing.
function Get-MillionStore {
    $path = Join-Path $DataDirectory million
    if (-not (Test-Path "$path/.complete")) {
        Write-Host "Making the store $path ..."
        Remove-Item -Recurse -Force $path -ErrorAction Ignore
        bash (Join-Path $PSScriptRoot million.sh) $path
        if ($LASTEXITCODE) { throw 'million.sh failed' }
        New-Item "$path/.complete" | Out-Null
    }
    $path
}

New-Item -ItemType Directory -Force $DataDirectory | Out-Null
$many = Get-BenchStore big20k '-n', 20000, '-f', 300000, '-b', 4500000000
$few = Get-BenchStore few4g '-n', 700, '-f', 3500, '-b', 3430000000
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

"Fastest of $Runs runs in turns; $([Environment]::ProcessorCount) processors; $(Get-Date -Format yyyy-MM-dd); commit $(git -C $PSScriptRoot rev-parse --short HEAD)."
''
'| what | command | wall s | CPU s | peak MiB | times the wall time of nixstore |'
'|---|---|---:|---:|---:|---:|'
foreach ($row in $rows) {
    '| {0} | `{1}` | {2:0.00} | {3:0.00} | {4} | {5:0.00} |' -f $row.Subject, $row.Command, $row.Wall, $row.Cpu, $row.PeakMiB, $row.Ratio
}
