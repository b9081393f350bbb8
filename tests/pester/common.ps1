# What the test files share: . $PSScriptRoot/common.ps1 in BeforeAll and BeforeDiscovery.
# PSScriptAnalyzer counts variables of a dot-sourced file as unused.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '')]
param()

$root = Resolve-Path (Join-Path $PSScriptRoot .. ..)
$version = ([xml](Get-Content -Raw (Join-Path $root Directory.Build.props))).SelectSingleNode('//Version').InnerText
$manifest = Join-Path $root output NixStore $version NixStore.psd1

# Where real Nix, its keys and the stores built with it are kept (tests/interop/get-nix.sh).
$nixLab = $env:NIXLAB ? $env:NIXLAB : (Join-Path $HOME .cache nixstore)

# This same PowerShell, for processes of its own: & $shell @shellLibrary ...; as a .NET tool, it is no executable but a library that dotnet runs.
$shell = (Get-Process -Id $PID).Path
$shellLibrary = @(if ((Split-Path -LeafBase $shell) -eq 'dotnet') { Join-Path $PSHOME pwsh.dll })

# What must end soon, where it could go on for hours, or for ever: far more than a slow and busy machine needs.
$soon = 60

# Waits until a condition holds, however slow the machine is; it is an error when it never does.
function Wait-Condition {
    param([scriptblock] $Condition, [timespan] $Patience = [timespan]::FromMinutes(5))
    $waited = [Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Condition)) {
        if ($waited.Elapsed -gt $Patience) { throw "In $Patience this never held: $Condition" }
        Start-Sleep -Milliseconds 5
    }
}

# Has another process hold the lock on a file until that is killed with what it started: Kill($true). $Option are flock's own.
function Start-LockHolder {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Path, [string[]] $Option = @())
    $held = Join-Path $TestDrive "held-$([guid]::NewGuid())"
    $holder = [Diagnostics.Process]::Start('flock', [string[]](@($Option) + @($Path, 'sh', '-c', 'echo > "$0"; exec sleep infinity', $held)))
    Wait-Condition { (Test-Path $held) -or $holder.HasExited }
    if ($holder.HasExited) { throw "flock $Path ended with $($holder.ExitCode)" }
    $holder
}

# A port below those that the kernel gives to whoever asks for any; nobody has it, nor those at the distances given from it.
function Get-FreePort {
    param([int[]] $Offset = @(0))
    while ($true) {
        $port = Get-Random -Minimum 20000 -Maximum 30000
        try {
            foreach ($one in $Offset) {
                $probe = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Any, $port + $one)
                $probe.ExclusiveAddressUse = $true
                $probe.Start()
                $probe.Stop()
            }

            return $port
        }
        catch [Net.Sockets.SocketException] { continue }
    }
}

# What is completed. Completion of what a store has gives up early where the machine is slow, so that nothing may mean that; it is asked again.
function Get-Completion {
    param([string] $Line)
    $waited = [Diagnostics.Stopwatch]::StartNew()
    do { $found = @((TabExpansion2 $Line $Line.Length).CompletionMatches) } until ($found -or $waited.Elapsed.TotalSeconds -gt $soon)
    $found
}

# Runs a script block in a pwsh that nothing has touched yet, with the module's manifest and what follows as its arguments. Gives its output.
function Invoke-FreshPowerShell {
    param([scriptblock] $Script, [object[]] $ArgumentList)
    $exchange = (New-Item -ItemType Directory (Join-Path $TestDrive "fresh-$([guid]::NewGuid())")).FullName
    Export-Clixml -InputObject @{ Script = "$Script"; Arguments = @($manifest) + $ArgumentList } (Join-Path $exchange in.xml)
    & (Join-Path $root build child.ps1) -File (Join-Path $PSScriptRoot fresh.ps1) $exchange | Out-Host
    Import-Clixml (Join-Path $exchange out.xml)
}

# Makes an empty store below a directory. The module must be imported.
function New-EmptyStore {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Root)
    $engine = [Reflection.Assembly]::Load('NixStore.Engine')
    $location = $engine.GetType('NixStore.Engine.Stores.StoreLocator')::Locate("local?root=$Root", $null)
    $engine.GetType('NixStore.Engine.Stores.StoreCreator')::EnsureExists($location)
}
