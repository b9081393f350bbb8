# What the tests of garbage share: . $PSScriptRoot/garbage.ps1 in BeforeAll, after common.ps1 and stores.ps1 and with the module imported.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
param()

# app needs lib, lib needs libc, and a root keeps app. old needs lib, older needs old; lone needs nothing; stray is not registered.
function New-GarbageStore {
    $small = New-SmallStore (Join-Path $TestDrive ([guid]::NewGuid())) 'libc', 'lib', 'app'
    $null = $small.Add('old', @('lib'), 'x' * 10000, $null)
    $null = $small.Add('older', @('old'), '', $null)
    $null = $small.Add('lone', @(), 'x' * 50000, $null)
    Set-Content $small.RealPathOf('stray') 'x'
    $gcroots = New-Item -ItemType Directory -Force "$($small.Root)/nix/var/nix/gcroots"
    $null = New-Item -ItemType SymbolicLink "$gcroots/app" -Target $small.PathOf('app')
    $small
}

# The names in the store directory that are there, and those of the rows.
function Get-StoreName($Small) {
    Get-ChildItem "$($Small.Root)/nix/store" -Name | ForEach-Object { $_.Substring(33) } | Sort-Object
}

function Get-RowName($Small) {
    Invoke-StoreSql $Small.Root 'select substr(path, 45) from ValidPaths order by 1'
}

# All that is below a directory with contents and all times, as one text. Looks twice, since the first look may change access times.
function Get-Trace([string] $Directory) {
    foreach ($look in 1, 2) {
        $tree = find $Directory -printf '%P %y %i %m %U %s %T@ %A@ %C@ %l\n' | Sort-Object
        $contents = find $Directory -type f -print0 | sort -z | xargs -0r sha256sum
    }

    ($tree + $contents) -join "`n"
}

# The id of the error that a parameter was refused with.
function Get-InnerErrorId($Record) {
    for ($one = $Record.Exception; $one; $one = $one.InnerException) {
        if ($one -is [NixStore.NixStoreException]) { return $one.ErrorId }
    }
}
