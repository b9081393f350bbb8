#!/usr/bin/env pwsh
<#
.SYNOPSIS
Measures finding garbage, collecting and optimising beside real Nix on copies of one store, and prints the ratios as Markdown.
.DESCRIPTION
As compare.ps1. What changes the store runs on a fresh copy each time: on the file system of -DataDirectory and in memory (/dev/shm, which
needs 6 GB). The store is where Nix looks for it, by a private mount.
.EXAMPLE
./build.ps1 -Task Bench
#>
[CmdletBinding()]
param(
    # Where the stores are kept: 20 GB.
    [string] $DataDirectory = (Join-Path ($env:NIXLAB ?? "$HOME/.cache/nixstore") bench),

    [ValidateRange(1, 100)]
    [int] $Runs = 5,

    # Runs of what needs a fresh copy, which takes a minute to make.
    [ValidateRange(1, 100)]
    [int] $CopyRuns = 2,

    # The nixstore executable; published for speed by build.ps1 -Task Bench.
    [Parameter(Mandatory)]
    [string] $Executable
)

$ErrorActionPreference = 'Stop'
. $PSScriptRoot/measure.ps1 $DataDirectory $Runs
$many = Get-ManyStore
$dead = Join-Path $DataDirectory dead.txt
& $interop/in-store.sh $many $nix/nix234-store --gc --print-dead 2> $null > $dead
$disk = Join-Path $DataDirectory copy
$memory = '/dev/shm/nixstore-bench'

function Copy-To([string] $Target) {
    bash -c "rm -rf '$Target' && cp -a '$many' '$Target' && sync -f '$Target'"
    if ($LASTEXITCODE) { throw "the copy $Target could not be made" }
}

# The command with the store at /nix.
function In([string] $Store, [string] $Command) { "$interop/in-store.sh $Store $Command" }

$rows = @(
    Compare-Command 'which paths are dead' ([ordered]@{
        'nixstore gc --print-dead' = In $many "$Executable gc --print-dead"
        'nix-store --gc --print-dead' = In $many "$nix/nix234-store --gc --print-dead"
    })
    Compare-Command 'dead paths with what each frees' ([ordered]@{
        'nixstore gc --dry-run' = In $many "$Executable gc --dry-run"
        'nix-store --gc --print-dead' = In $many "$nix/nix234-store --gc --print-dead"
    })
    $Runs = $CopyRuns
    foreach ($place in @{ Name = 'on disk'; Path = $disk }, @{ Name = 'in memory'; Path = $memory }) {
        $copy = $place.Path
        Compare-Command "collecting 13,700 of 20,000 paths, $($place.Name)" ([ordered]@{
            'nixstore gc' = In $copy "$Executable gc"
            'xargs -P2 rm -rf' = In $copy "xargs -a $dead -P2 -n 100 rm -rf"
            'nix-store --gc' = In $copy "$nix/nix234-store --gc"
        }) { Copy-To $copy }
        Compare-Command "optimising, $($place.Name)" ([ordered]@{
            'nixstore optimise' = In $copy "$Executable optimise"
            'nix-store --optimise' = In $copy "$nix/nix234-store --optimise"
        }) { Copy-To $copy }
    }
    $Runs = 5
    Compare-Command 'optimising again, in memory' ([ordered]@{
        'nixstore optimise' = In $memory "$Executable optimise"
        'nix-store --optimise' = In $memory "$nix/nix234-store --optimise"
    })
)
rm -rf $disk $memory
Write-Table $rows

# The engine by itself: a graph once loaded answers many questions.
$version = ([xml](Get-Content -Raw $PSScriptRoot/../Directory.Build.props)).SelectSingleNode('//Version').InnerText
$module = Join-Path $PSScriptRoot .. output NixStore $version
Import-Module $module/NixStore.psd1
$null = [Reflection.Assembly]::Load('NixStore.Engine')
Add-Type -IgnoreWarnings -WarningAction Ignore -TypeDefinition (Get-Content -Raw $PSScriptRoot/GraphBench.cs) -ReferencedAssemblies @(
    "$module/lib/NixStore.Engine.dll", "$module/NixStore.Model.dll"
    'System.Runtime', 'System.Collections', 'System.Linq', 'System.Memory', 'System.Threading', 'System.Console', 'System.Diagnostics.Process'
)
''
[NixStore.Bench.GraphBench]::Run((Get-MillionStore))
