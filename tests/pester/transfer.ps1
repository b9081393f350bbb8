# What the tests of Import-, Export-, Copy-StorePath and Add-StorePathSignature share: . $PSScriptRoot/transfer.ps1 in BeforeAll, after common.ps1.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '')]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidUsingConvertToSecureStringWithPlainText', '')]
param()

Import-Module $manifest
$key = Join-Path $TestDrive 'test-1.sec'
$secret = [Reflection.Assembly]::Load('NixStore.Engine').GetType('NixStore.Engine.Signatures.NixSecretKey')::Generate('test-1')
$secret.Save($key)
$public = "$($secret.PublicKey)"

# A new directory for one test.
function New-Place {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param()
    (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))).FullName
}

# A store with a path that refers to another one, neither of them content-addressed nor signed. Gives the one that refers.
function New-LinkedStore {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Root)
    $references = @()
    foreach ($name in 'lib-1.0', 'app-1.0') {
        $file = Join-Path $TestDrive $name
        Set-Content -Path $file -Value "I am $name" -NoNewline
        $given = Import-StorePath $file -Store (Join-Path $TestDrive scratch)
        $given | Export-StorePath -Destination "$file.nar" -Force
        $path = "/nix/store/$("$($references.Count)" * 32)-$name"
        $metadata = [NixStore.StorePathInfo]@{
            Store = 'test'; Path = $path; RealPath = $path; StorePath = [NixStore.StorePath]::Parse((Split-Path -Leaf $path))
            NarHash = $given.NarHash; NarSize = $given.NarSize; References = [string[]]$references
        }
        $added = Import-StorePath -NarPath "$file.nar" -Metadata $metadata -Store $Root -SkipSignatureCheck
        $references = @($added.Path)
    }
    $added
}

# Changes one byte of the file of a path.
function Set-Damage {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Path)
    $bytes = [IO.File]::ReadAllBytes($Path)
    $bytes[0] = $bytes[0] -bxor 1
    [IO.File]::WriteAllBytes($Path, $bytes)
}

# Lets real Nix have a look: gives the end of what it says; nothing when it has no complaints.
function Test-ByRealNix {
    param([string] $Root)
    $said = & $nixLab/nix/bin/nix234-store --store "local?root=$Root" --verify --check-contents 2>&1
    if ($LASTEXITCODE) { "$said" }
}

$hasNix = Test-Path $nixLab/nix/bin/nix234-store
