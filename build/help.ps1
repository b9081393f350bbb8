<#
.SYNOPSIS
Makes MAML and about topics of docs/en-US with PlatyPS 1.0. Fails when a page disagrees with its cmdlet, is unfinished or is missing.
#>
param(
    [Parameter(Mandatory)] [string] $Destination,

    # Writes a page to fill in for each cmdlet that has none.
    [switch] $AddMissing
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
$pages = Join-Path $root docs en-US
Import-Module Microsoft.PowerShell.PlatyPS -MinimumVersion 1.0
$version = ([xml](Get-Content -Raw (Join-Path $root Directory.Build.props))).SelectSingleNode('//Version').InnerText
Import-Module (Join-Path $root output NixStore $version NixStore.psd1)
. (Join-Path $PSScriptRoot about.ps1)
. (Join-Path $PSScriptRoot maml.ps1)

# What a page and its cmdlet must agree in: all about the parameters but the prose.
function Get-ParameterFact($help) {
    foreach ($parameter in $help.Parameters | Sort-Object Name) {
        $parameter | Select-Object Name, Type, Aliases, SupportsWildcards, DontShow, AcceptedValues, ParameterSets | ConvertTo-Json -Depth 4 -Compress
    }
    foreach ($syntax in $help.Syntax | Sort-Object ParameterSetName) {
        # Sorted: reading a page puts mandatory parameters first, the cmdlet has those of its base class last.
        "$($syntax.ParameterSetName) default=$($syntax.IsDefaultParameterSet): $($syntax.SyntaxParameters | Sort-Object { "$_".Trim('[') })"
    }
}

$problems = foreach ($command in Get-Command -Module NixStore) {
    $page = Join-Path $pages "$command.md"
    if (-not (Test-Path $page)) {
        if ($AddMissing) {
            $made = New-MarkdownCommandHelp -CommandInfo $command -OutputFolder ([IO.Path]::GetTempPath()) -Force
            Move-Item $made $page
        }
        "docs/en-US/$command.md was missing; fill it in."
        continue
    }

    $difference = Compare-Object @(Get-ParameterFact (Import-MarkdownCommandHelp $page)) @(Get-ParameterFact (New-CommandHelp $command))
    foreach ($fact in $difference) {
        "docs/en-US/$command.md: $(if ($fact.SideIndicator -eq '<=') { 'the page says' } else { 'the cmdlet has' }) $($fact.InputObject)"
    }
    Select-String -Path $page -SimpleMatch '{{' | ForEach-Object { "docs/en-US/$command.md:$($_.LineNumber): $($_.Line.Trim())" }
}
$problems += Get-ChildItem $pages -Filter *-*.md | Where-Object { -not (Get-Command -Module NixStore $_.BaseName -ErrorAction Ignore) } |
    ForEach-Object { "docs/en-US/$($_.Name) describes a cmdlet that does not exist." }
if ($problems) {
    $problems | Write-Output
    Write-Output 'Parameters are brought up to date by Update-MarkdownCommandHelp -NoBackup -Path <page> (PlatyPS, with the module imported).'
    exit 1
}

New-Item -ItemType Directory -Force $Destination | Out-Null
$staging = New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) "nixstore-help-$PID")
try {
    $maml = Get-ChildItem $pages -Filter *-*.md | Sort-Object Name | Import-MarkdownCommandHelp | Export-MamlCommandHelp -OutputFolder $staging -Force
    Repair-MamlExample $maml.FullName
    Move-Item $maml $Destination -Force
}
finally {
    Remove-Item -Recurse $staging
}

foreach ($topic in Get-ChildItem $pages -Filter about_*.md) {
    ConvertTo-AboutTopic (Get-Content $topic) | Set-Content (Join-Path $Destination "$($topic.BaseName).help.txt")
}
exit 0
