<#
.SYNOPSIS
Runs the tests that take long: those with [Trait("Category", "Soak")]. Prints what they counted.
#>
param([Parameter(Mandatory)] [string] $Configuration)

$results = Join-Path (Split-Path $PSScriptRoot) output TestResults
$kills = Join-Path $results kills.txt
if (Test-Path $kills) { Remove-Item $kills }
& (Join-Path $PSScriptRoot xunit.sh) $Configuration 'Category=Soak'
$code = $LASTEXITCODE
if (Test-Path $kills) { Get-Content $kills }
Get-Content (Join-Path $results xunit.txt)
exit $code
