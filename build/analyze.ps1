<#
.SYNOPSIS
Runs PSScriptAnalyzer over everything that is PowerShell.
#>
param([string] $Configuration)

if (-not (Get-Module -ListAvailable PSScriptAnalyzer)) {
    Write-Warning 'ANALYZE SKIPPED: there is no PSScriptAnalyzer; get it with: Install-PSResource PSScriptAnalyzer'
    exit 0
}

$root = Split-Path $PSScriptRoot
$places = 'build.ps1', 'build', 'module', 'tests', 'demo', 'bench' | ForEach-Object { Join-Path $root $_ } | Where-Object { Test-Path $_ }
$found = $places | ForEach-Object {
    Invoke-ScriptAnalyzer -Path $_ -Recurse -Settings (Join-Path $root PSScriptAnalyzerSettings.psd1)
}
$found | Format-Table -AutoSize -Wrap Severity, RuleName, ScriptName, Line, Message | Out-String -Width 200 | Write-Output
exit [int](@($found).Count -gt 0)
