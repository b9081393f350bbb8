# A small store and a signed binary cache of the same paths, made once by the demo's own means and copied for each test.
# . $PSScriptRoot/sample.ps1 in BeforeAll, after common.ps1 and with the module imported.
. $root/demo/files.ps1
. $root/demo/damage.ps1

# Makes files, store and cache below a directory.
function New-SampleStore {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Directory)

    $null = New-Item -ItemType Directory $Directory
    $key = New-DemoFile $Directory
    # One after the other: the last to close the database is then a writer, which leaves no row in the write-ahead log.
    $paths = Import-StorePath $Directory/files/* -Store "local?root=$Directory/root"
    $paths | Export-StorePath -BinaryCache "file://$Directory/cache" -SecretKeyPath $Directory/secret-key
    [pscustomobject]@{ Directory = $Directory; Key = $key }
}

# Copies it with all its metadata. Gives where everything is, and its paths by name.
function Copy-SampleStore($Sample) {
    $directory = "$TestDrive/copy-$([guid]::NewGuid())"
    cp -a $Sample.Directory $directory
    $store = "local?root=$directory/root"
    $paths = @{}
    Get-StorePath -Store $store | ForEach-Object { $paths[$_.Name] = $_ }
    [pscustomobject]@{
        Directory = $directory; Store = $store; Root = "$directory/root"; Cache = "file://$directory/cache"; Key = $Sample.Key; Path = $paths
    }
}

# Everything that is below a directory, with contents and metadata, as one text. Looks twice, since the first look may change access times.
function Get-TreeText([string] $Directory) {
    foreach ($look in 1, 2) {
        $tree = find $Directory -mindepth 1 -printf '%P %y %m %U %G %s %T@ %A@ %l\n' | Sort-Object
        $contents = find $Directory -type f -print0 | sort -z | xargs -0r sha256sum
    }

    ($tree + $contents) -join "`n"
}

# What real Nix has to say of a store: its exit code, 0 where there is none.
function Invoke-RealVerify([string] $Store) {
    $nix = "$nixLab/nix/bin/nix234-store"
    if (Test-Path $nix) {
        & $nix --store $Store --verify --check-contents *> $null
        $LASTEXITCODE
    }
    else {
        0
    }
}
