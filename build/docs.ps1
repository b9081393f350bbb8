<#
.SYNOPSIS
Turns docs/en-US into the help that the module ships, module/en-US (committed, so that users and builds need no PlatyPS), and lays it out.
#>
param([Parameter(Mandatory)] [string] $Configuration)

$root = Split-Path $PSScriptRoot
& (Join-Path $PSScriptRoot build.ps1) -Configuration $Configuration

# In a process of its own: the module's assemblies can't be unloaded from this one.
& (Join-Path $PSScriptRoot child.ps1) -File (Join-Path $PSScriptRoot help.ps1) -Destination (Join-Path $root module en-US) -AddMissing
if ($LASTEXITCODE) { exit $LASTEXITCODE }

& (Join-Path $PSScriptRoot build.ps1) -Configuration $Configuration
exit 0
