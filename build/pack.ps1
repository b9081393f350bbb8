<#
.SYNOPSIS
Makes output/NixStore-<version>.zip from a Release build; unpacked into a directory of PSModulePath, it is the installed module.
#>
param([string] $Configuration)

$root = Split-Path $PSScriptRoot
& (Join-Path $PSScriptRoot build.ps1) -Configuration Release (Join-Path $PSScriptRoot build.ps1) -Configuration Release -ForAllPlatforms
$version = dotnet msbuild (Join-Path $root src NixStore.PowerShell) -getProperty:Version
$archive = Join-Path $root output "NixStore-$version.zip"
$staging = Join-Path ([IO.Path]::GetTempPath()) "nixstore-pack-$PID"
try {
    New-Item -ItemType Directory (Join-Path $staging NixStore) | Out-Null
    Copy-Item -Recurse (Join-Path $root output NixStore $version) (Join-Path $staging NixStore)
    Remove-Item $archive -ErrorAction Ignore
    [IO.Compression.ZipFile]::CreateFromDirectory($staging, $archive)
}
finally {
    Remove-Item -Recurse $staging
}

Get-Item $archive
exit 0
