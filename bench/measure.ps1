# What the scripts of bench/ share: . $PSScriptRoot/measure.ps1 -DataDirectory ... -Runs ...
# PSScriptAnalyzer counts variables of a dot-sourced file as unused.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '')]
param([string] $DataDirectory, [int] $Runs)

$interop = Join-Path $PSScriptRoot .. tests interop
$nix = Join-Path ($env:NIXLAB ?? "$HOME/.cache/nixstore") nix bin
$env:NIX_CONF_DIR = Join-Path $nix .. nix234 etc
New-Item -ItemType Directory -Force $DataDirectory | Out-Null

function Invoke-Measured([string] $Command) {
    $report = New-TemporaryFile
    & /usr/bin/time -f '%e %U %S %M' -o $report.FullName -- bash -c $Command *> $null
    $wall, $user, $system, $peak = (Get-Content $report | Select-Object -Last 1) -split ' '
    Remove-Item $report
    [pscustomobject]@{ Wall = [double] $wall; Cpu = [double] $user + [double] $system; PeakMiB = [int] ($peak / 1024) }
}

# Runs the commands in turns, so that a busy moment of the machine hits all of them. Before each run Prepare makes what the command destroys;
# without it there is one run more, to warm the page cache.
function Compare-Command([string] $Subject, [System.Collections.Specialized.OrderedDictionary] $Commands, [scriptblock] $Prepare) {
    $results = @{}
    foreach ($name in $Commands.Keys) {
        $results[$name] = @()
        if (-not $Prepare) { $null = Invoke-Measured $Commands[$name] }
    }
    foreach ($run in 1..$Runs) {
        Write-Progress -Activity $Subject -Status "run $run of $Runs" -PercentComplete (100 * ($run - 1) / $Runs)
        foreach ($name in $Commands.Keys) {
            if ($Prepare) { & $Prepare }
            $results[$name] += Invoke-Measured $Commands[$name]
        }
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

function Write-Table($Rows) {
    "Fastest of $Runs runs in turns; $([Environment]::ProcessorCount) processors; $(Get-Date -Format yyyy-MM-dd); commit $(git -C $PSScriptRoot rev-parse --short HEAD)."
    ''
    '| what | command | wall s | CPU s | peak MiB | times the wall time of nixstore |'
    '|---|---|---:|---:|---:|---:|'
    foreach ($row in $Rows) {
        '| {0} | `{1}` | {2:0.00} | {3:0.00} | {4} | {5:0.00} |' -f $row.Subject, $row.Command, $row.Wall, $row.Cpu, $row.PeakMiB, $row.Ratio
    }
}

# A store made once by a script, whose arguments end with the path.
function Get-BenchStore([string] $Name, [string] $Script, [string[]] $Arguments) {
    $path = Join-Path $DataDirectory $Name
    if (-not (Test-Path "$path/.complete")) {
        Write-Host "Making the store $path ..."
        Remove-Item -Recurse -Force $path -ErrorAction Ignore
        bash $Script @Arguments $path *> "$path.log"
        if ($LASTEXITCODE) { throw "$Script failed; see $path.log" }
        New-Item "$path/.complete" | Out-Null
    }
    $path
}

function Get-ManyStore { Get-BenchStore big20k $interop/mkstore.sh '-n', 20000, '-f', 300000, '-b', 4500000000 }

# A million rows and empty files: the database alone matters for a listing.
function Get-MillionStore { Get-BenchStore million $PSScriptRoot/million.sh }
