<#
.SYNOPSIS
Runs the tests that take long: those with [Trait("Category", "Soak")].
#>
param([Parameter(Mandatory)] [string] $Configuration)

& (Join-Path $PSScriptRoot xunit.sh) $Configuration 'Category=Soak'
$code = $LASTEXITCODE
Get-Content (Join-Path (Split-Path $PSScriptRoot) output TestResults xunit.txt)
exit $code
