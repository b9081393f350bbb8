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
