#!/usr/bin/env pwsh
<#
.SYNOPSIS
Measures publishing from an overlay store to its lower store beside nix copy, and prints the ratios as Markdown.
.DESCRIPTION
As compare.ps1. An overlay store whose upper layer has 2,000 paths and 2 GB (overlay.sh) is mounted on an empty lower store, which is made anew for
each run: on the file system of -DataDirectory, and in memory (/dev/shm, which needs 5 GB). nixstore publish returns when all is on the disk; nix copy
does not wait for it, so it is measured with and without `sync -f`. Needs root.
.EXAMPLE
./build.ps1 -Task Bench
#>
[CmdletBinding()]
param(
    # Where the store is kept: 5 GB.
    [string] $DataDirectory = (Join-Path ($env:NIXLAB ?? "$HOME/.cache/nixstore") bench),

    [ValidateRange(1, 100)]
    [int] $Runs = 3,

    # The nixstore executable; published for speed by build.ps1 -Task Bench.
    [Parameter(Mandatory)]
    [string] $Executable
)

$ErrorActionPreference = 'Stop'
. $PSScriptRoot/measure.ps1 $DataDirectory $Runs
$env:NIX_CONFIG = 'extra-experimental-features = nix-command local-overlay-store read-only-local-store'
$made = Get-BenchStore overlay2k $PSScriptRoot/overlay.sh
$memory = '/dev/shm/nixstore-publish'
$paths = Join-Path $DataDirectory overlay2k.paths
sqlite3 "$made/root/nix/var/nix/db/db.sqlite" 'select path from ValidPaths order by path' > $paths

function Get-StoreUrl([string] $Place) {
    "local-overlay://?root=$Place/root&lower-store=$([uri]::EscapeDataString("local?root=$Place/lower&read-only=true"))&upper-layer=$Place/root/upper"
}

# An empty lower store, all of the disk's work done, and the overlay mounted on it.
function Clear-Place([string] $Place) {
    umount "$Place/root/nix/store" 2> $null
    bash -c "rm -rf '$Place/lower' '$Place/root/work' && mkdir -p '$Place/lower/nix/store' '$Place/root/work' && '$nix/nix234-store' --store 'local?root=$Place/lower' --init && sync -f '$Place'"
    mount -t overlay overlay -o "lowerdir=$Place/lower/nix/store,upperdir=$Place/root/upper,workdir=$Place/root/work" "$Place/root/nix/store"
    if ($LASTEXITCODE) { throw 'the overlay could not be mounted' }
    # The page cache is warm for the upper layer, whoever comes first.
    bash -c "find '$Place/root/upper' -type f -print0 | xargs -0 cat > /dev/null"
}

function Copy-ToMemory {
    umount "$memory/root/nix/store" 2> $null
    bash -c "rm -rf '$memory' && cp -a '$made' '$memory'"
}

try {
    $rows = foreach ($place in @{ Name = 'on disk'; Path = $made }, @{ Name = 'in memory'; Path = $memory }) {
        if ($place.Path -eq $memory) { Copy-ToMemory }
        $at = $place.Path
        $url = Get-StoreUrl $at
        $copy = "$nix/nix234 copy --no-check-sigs --all --from '$url' --to 'local?root=$at/lower'"
        $commands = [ordered]@{
            'nixstore publish' = "xargs -s 1000000 -a $paths $Executable publish --store '$url'"
            'nix copy --no-check-sigs' = $copy
        }
        if ($at -eq $made) { $commands['nix copy --no-check-sigs; sync -f'] = "$copy && sync -f $at/lower" }
        Compare-Command "2,000 paths, 30,000 files, 2 GB, $($place.Name)" $commands { Clear-Place $at }
    }
}
finally {
    umount "$made/root/nix/store" "$memory/root/nix/store" 2> $null
    Remove-Item -Recurse -Force $memory -ErrorAction Ignore
}
Write-Table $rows
