<#
.SYNOPSIS
Runs the tests that take long: those with [Trait("Category", "Soak")]. Prints what they counted.
#>
param([Parameter(Mandatory)] [string] $Configuration)

$results = Join-Path (Split-Path $PSScriptRoot) output TestResults
$counts = 'kills.txt', 'collection.txt' | ForEach-Object { Join-Path $results $_ }
$counts | Where-Object { Test-Path $_ } | Remove-Item
& (Join-Path $PSScriptRoot xunit.sh) $Configuration 'Category=Soak'
$code = $LASTEXITCODE
$counts | Where-Object { Test-Path $_ } | Get-Content
Get-Content (Join-Path $results xunit.txt)
exit $code
