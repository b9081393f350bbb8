#!/usr/bin/env pwsh
<#
.SYNOPSIS
Makes a small store and a signed binary cache, damages the store in six ways, repairs it in one pipeline, and shows that it is valid.
.DESCRIPTION
Needs the module NixStore in PSModulePath and nothing else: ./build.sh demo sees to that. Where there is a real Nix, it has the last word.
Everything happens in a temporary directory. Ends with an error if anything is not as it should be.
#>
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
Import-Module NixStore
. $PSScriptRoot/files.ps1
. $PSScriptRoot/damage.ps1

function Confirm-Demo([bool] $Holds, [string] $Otherwise) {
    if (-not $Holds) { throw "The demo is not as it should be: $Otherwise." }
}

$clock = [Diagnostics.Stopwatch]::StartNew()
$directory = [IO.Directory]::CreateTempSubdirectory('nixstore-demo-').FullName
try {
    $store = "local?root=$directory/root"
    $cache = "file://$directory/cache"

    "== A small store, and a binary cache that demo-1 signed"
    $key = New-DemoFile $directory
    Import-StorePath $directory/files/* -Store $store | Tee-Object -Variable paths
    $paths | Export-StorePath -BinaryCache $cache -SecretKeyPath $directory/secret-key
    Confirm-Demo ($paths.Count -eq 7) 'there are not 7 paths'
    Confirm-Demo (-not (Get-StorePath -Store $store -CheckContents | Where-Object Invalid)) 'the new store is not valid'

    "`n== Six kinds of damage"
    $damages = Get-DemoDamage
    foreach ($damage in $damages) {
        & $damage.Apply ($paths | Where-Object Name -EQ $damage.Name)
        "{0,-12} {1}" -f $damage.Name, $damage.Description
    }

    "`n== Get-StorePath -CheckContents | Where-Object Invalid"
    $invalid = Get-StorePath -Store $store -CheckContents | Where-Object Invalid
    $invalid | Format-Table Name, State, @{ Name = 'Problems'; Expression = { $_.Problems.Kind -join ', ' } }
    foreach ($damage in $damages) {
        $kinds = ($invalid | Where-Object Name -EQ $damage.Name).Problems.Kind
        Confirm-Demo ($kinds -contains $damage.Expected) "$($damage.Expected) of $($damage.Name) was not found"
    }
    Confirm-Demo ($invalid.Count -eq $damages.Count) 'something was found that is not damaged'

    "== Get-StorePath -CheckContents | Where-Object Invalid | Repair-StorePath"
    $repairs = Get-StorePath -Store $store -CheckContents | Where-Object Invalid | Repair-StorePath -Source $cache -TrustedPublicKey $key
    $repairs | Format-Table @{ Name = 'Name'; Expression = { ($_.Path -split '-', 2)[1] } }, Outcome, BytesWritten, Source
    Confirm-Demo (@($repairs | Where-Object Outcome -EQ Repaired).Count -eq $damages.Count) 'not every path was repaired'

    "== Get-StorePath -CheckContents"
    Get-StorePath -Store $store -CheckContents | Tee-Object -Variable all
    Confirm-Demo (@($all | Where-Object State -EQ Valid).Count -eq $paths.Count) 'the repaired store is not valid'

    $lab = Join-Path ($env:NIXLAB ?? "$HOME/.cache/nixstore") nix bin nix234-store
    $nix = (Get-Command $lab, nix-store -CommandType Application -ErrorAction Ignore | Select-Object -First 1).Source
    if ($nix) {
        "`n== $nix --verify --check-contents"
        & $nix --store $store --verify --check-contents 2>&1 | ForEach-Object { "$_" }
        Confirm-Demo ($LASTEXITCODE -eq 0) 'real Nix finds the repaired store damaged'
        'Real Nix finds nothing.'
    }
    else {
        "`nNo real Nix on this machine: no second opinion."
    }

    "`nDone in {0:n1} seconds." -f $clock.Elapsed.TotalSeconds
}
finally {
    Remove-DemoFile $directory
}
