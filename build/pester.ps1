<#
.SYNOPSIS
Runs the Pester tests in this process against the module in output/, and leaves in output/TestResults the totals
in pester.txt and what failed, each with its message, in pester-failed.txt.
#>
param([string] $Filter)

$root = Split-Path $PSScriptRoot
$results = New-Item -ItemType Directory -Force (Join-Path $root output TestResults)
$totals = Join-Path $results pester.txt
$failures = Join-Path $results pester-failed.txt
if (Test-Path $failures) { Remove-Item $failures }
$env:PSModulePath = (Join-Path $root output), $env:PSModulePath -join [IO.Path]::PathSeparator

# Pester 5 of this machine, else the one that NuGet restores; which installs nothing.
$pester = Get-Module -ListAvailable Pester | Where-Object { $_.Version.Major -eq 5 } | Sort-Object Version -Descending | Select-Object -First 1
if (-not $pester) {
    $package = Join-Path $root tests pester PesterPackage
    dotnet restore $package -v quiet -nologo | Out-Host
    if (-not $LASTEXITCODE) { $pester = Join-Path (dotnet msbuild $package -getProperty:PkgPester) tools Pester.psd1 }
}
if (-not $pester) {
    Set-Content $totals 'PESTER SKIPPED: there is no Pester 5 beside this pwsh, and NuGet gives none; get it with: Install-PSResource Pester -Version 5.9.1'
    exit 0
}

Import-Module $pester
$configuration = New-PesterConfiguration @{
    Run        = @{ Path = Join-Path $root tests pester; PassThru = $true }
    Filter     = @{ FullName = if ($Filter) { "*$Filter*" } else { @() } }
    Output     = @{ Verbosity = 'Detailed'; CIFormat = 'None' }
    TestResult = @{ Enabled = $true; OutputFormat = 'NUnitXml'; OutputPath = Join-Path $results pester.xml }
}
$run = Invoke-Pester -Configuration $configuration
$broken = $run.FailedBlocksCount + $run.FailedContainersCount
Set-Content $totals "pester: $($run.PassedCount) passed, $($run.FailedCount + $broken) failed, $($run.SkippedCount) skipped"
@($run.Failed) + @($run.FailedBlocks) + @($run.FailedContainers) | Where-Object { $_ } |
    ForEach-Object { "Failed $($_.ExpandedPath ?? $_)"; $_.ErrorRecord | ForEach-Object { "  $_" } } |
    Set-Content $failures
exit [int]($run.FailedCount + $broken -gt 0)
