<#
.SYNOPSIS
Runs the xunit tests and the Pester tests, and prints what failed and, as the last two lines, the totals of both.
#>
param([Parameter(Mandatory)] [string] $Configuration, [string] $Filter)

$root = Split-Path $PSScriptRoot
$results = Join-Path $root output TestResults

# What takes hours is for the Soak task.
$xunitFilter = if ($Filter) { "Category!=Soak&FullyQualifiedName~$Filter" } else { 'Category!=Soak' }
& (Join-Path $PSScriptRoot xunit.sh) $Configuration $xunitFilter
$failed = $LASTEXITCODE

# In a process of its own: an assembly that was loaded can't be unloaded, and the tests want a module nobody has touched.
& (Join-Path $PSScriptRoot child.ps1) -File (Join-Path $PSScriptRoot pester.ps1) -Filter $Filter
$failed = $failed -or $LASTEXITCODE

# Once more, where a log that is cut at its beginning still shows them.
Get-Content (Join-Path $results xunit-failed.txt), (Join-Path $results pester-failed.txt) -ErrorAction Ignore
Get-Content (Join-Path $results xunit.txt), (Join-Path $results pester.txt)
exit [int]$failed
