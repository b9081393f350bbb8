# What the tests of catalogs share: . $PSScriptRoot/catalogs.ps1 after common.ps1 in BeforeAll.

# Makes a file cache with narinfos written by hand and returns its address. Each is a hashtable: Name, and what is to be other than usual.
function New-SampleCache {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Directory, [hashtable[]] $NarInfo)
    $null = New-Item -ItemType Directory -Force $Directory, (Join-Path $Directory nar)
    Set-Content (Join-Path $Directory nix-cache-info) 'StoreDir: /nix/store'
    $number = 0
    foreach ($item in $NarInfo) {
        $number++
        $hash = Get-SampleHashPart $number
        $url = $item.Url ?? "nar/$number.nar.xz"
        $size = $item.Size ?? 100 * $number
        $lines = "StorePath: /nix/store/$hash-$($item.Name)", "URL: $url", "Compression: $($item.Compression ?? 'xz')",
            'FileHash: sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73', "FileSize: $size",
            'NarHash: sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73', "NarSize: $(4 * $size)", "References: $($item.References)"
        if ($item.System) { $lines += "System: $($item.System)" }
        if ($item.Fixed) { $lines += 'CA: fixed:r:sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73' }
        $file = Join-Path $Directory "$hash.narinfo"
        Set-Content $file ($item.Text ?? $lines)
        (Get-Item $file).LastWriteTimeUtc = $item.Time ?? [datetime]'2026-01-06T01:13:00Z'
        if ($url -notmatch '\.\.') { [IO.File]::WriteAllBytes((Join-Path $Directory $url), [byte[]]::new($size)) }
    }

    "file://$Directory"
}

# What tells them apart is at the beginning: graphs look at the first 128 bits.
function Get-SampleHashPart([int] $Number) { 'a' + "$Number".PadLeft(4, '0').PadRight(31, '0') }
