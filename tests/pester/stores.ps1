# Stores to test with: . $PSScriptRoot/stores.ps1 in BeforeAll and BeforeDiscovery, after common.ps1 and Import-Module.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
param()

# Makes a store without any Nix. Each name becomes a path that refers to the one before it.
function New-SmallStore {
    param([string] $Root, [string[]] $Name)
    if (-not ('NixStore.Tests.SmallStore' -as [type])) {
        $null = [Reflection.Assembly]::Load('NixStore.Engine')
        $libraries = 'System.Runtime', 'System.Collections', 'System.Linq', 'System.Memory', 'System.Security.Cryptography', 'System.Threading', 'System.IO.FileSystem'
        Add-Type -IgnoreWarnings -WarningAction Ignore -TypeDefinition (Get-Content -Raw $PSScriptRoot/SmallStore.cs) -ReferencedAssemblies @(
            Join-Path (Split-Path $manifest) lib NixStore.Engine.dll
            Join-Path (Split-Path $manifest) NixStore.Model.dll
            $libraries
        )
    }

    $store = [NixStore.Tests.SmallStore]::new($Root)
    $before = @()
    foreach ($one in $Name) {
        $null = $store.Add($one, $before, '', $null)
        $before = @($one)
    }
    $store
}

# Runs SQL on a store's database by another process.
function Invoke-StoreSql {
    param([string] $Root, [string] $Sql)
    sqlite3 "$Root/nix/var/nix/db/db.sqlite" $Sql
    if ($LASTEXITCODE) { throw "sqlite3 failed: $Sql" }
}

# Why there can't be a store of real Nix here; nothing when there can.
function Get-LabObstacle {
    if (-not (Test-Path "$nixLab/nix/.complete") -and -not (Test-Path "$nixLab/nix/bin/nix234")) { 'REAL NIX MISSING' }
    elseif ((id -u) -ne 0) { 'NOT ROOT' }
    elseif (@(Get-Command python3, sqlite3, unshare -ErrorAction Ignore).Count -lt 3) { 'TOOLS MISSING' }
}

# Copies the store of some 75 paths that mkstore.sh builds with real Nix; it is built once for each state of the scripts (as LabStore.cs does).
function Copy-LabStore {
    param([string] $Destination)
    $interop = Join-Path $root tests interop
    $parts = Get-ChildItem $interop -Recurse -File | Where-Object { $_.Name -in 'mkstore.sh', 'in-store.sh', 'get-nix.sh' -or $_.FullName.Contains('/expr/') }
    $names = [string[]] $parts.FullName
    [array]::Sort($names, [StringComparer]::Ordinal)
    $hash = [Security.Cryptography.IncrementalHash]::CreateHash('SHA256')
    foreach ($name in $names) { $hash.AppendData([IO.File]::ReadAllBytes($name)) }
    $fingerprint = [Convert]::ToHexStringLower($hash.GetHashAndReset()).Substring(0, 16)
    $original = "$nixLab/lab-S-B1-$fingerprint"
    if (-not (Test-Path $original)) {
        & $interop/mkstore.sh -S -B 1 "$original.$PID" *> (Join-Path $TestDrive mkstore.log)
        if ($LASTEXITCODE) { throw "mkstore.sh failed: $(Get-Content -Tail 5 (Join-Path $TestDrive mkstore.log))" }
        mv -nT "$original.$PID" $original
    }
    cp -a $original $Destination
}

# Damages a store as real life does.
function Invoke-StoreDamage {
    param([string] $Root, [string] $Case)
    python3 (Join-Path $PSScriptRoot .. interop damage.py) apply $Case $Root *> $null
    if ($LASTEXITCODE) { throw "damage.py failed: $Case" }
}

# Runs a pipeline on another thread, and stops it as Ctrl+C does when a condition holds: that it has given its first object, if no other is given.
# Gives how long the stop took.
function Measure-StoreStop {
    param([string] $Script, [scriptblock] $When = { $output.Count })
    $shell = [powershell]::Create([Management.Automation.RunspaceMode]::NewRunspace)
    try {
        $null = $shell.AddScript("Import-Module '$manifest'; $Script")
        $output = [Management.Automation.PSDataCollection[psobject]]::new()
        $run = $shell.BeginInvoke([Management.Automation.PSDataCollection[psobject]]::new(), $output)
        Wait-Condition { $run.IsCompleted -or (& $When) }
        $run.IsCompleted | Should -BeFalse -Because 'there must be something to stop'
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $shell.Stop()
        $shell.InvocationStateInfo.State | Should -Be 'Stopped'
        $watch.Elapsed
    }
    finally {
        $shell.Dispose()
    }
}
