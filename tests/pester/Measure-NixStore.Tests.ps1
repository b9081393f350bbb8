BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1
    $small = New-SmallStore (Join-Path $TestDrive small) 'alpha', 'beta'
    $other = New-SmallStore (Join-Path $TestDrive other) 'alpha'
}

Describe 'Measure-NixStore' {
    It 'Says what a store takes up' {
        $measure = Measure-NixStore $small.Root
        $measure | Should -BeOfType NixStore.StoreMeasure
        $measure.Store | Should -Be $small.Url
        $measure.PathCount, $measure.MissingCount, $measure.DerivationCount | Should -Be 2, 0, 0
        $measure.NarSize | Should -Be (Get-NixStore $small.Root).NarSize
        $measure.DiskSize | Should -Be ([long](du -s --block-size=1 (Join-Path $small.Root nix store)).Split("`t")[0])
        $measure.ReclaimableSize | Should -Be (Get-StoreGarbage -Store $small.Root | Measure-Object ReclaimableSize -Sum).Sum
        $measure.LargestPaths | Should -HaveCount 2
        $measure.LargestPaths | Should -BeOfType NixStore.StorePathInfo
    }

    It 'Names as many of the largest paths as wanted' {
        (Measure-NixStore $small.Root -Top 1).LargestPaths | Should -HaveCount 1
        (Measure-NixStore $small.Root -Top 0).LargestPaths | Should -BeNullOrEmpty
    }

    It 'Takes several stores and objects' {
        ($small.Root, $other.Root | Measure-NixStore).PathCount | Should -Be 2, 1
        (Get-NixStore $other.Root | Measure-NixStore).PathCount | Should -Be 1
    }

    It 'Refuses what is no store' {
        { Measure-NixStore "$TestDrive/nowhere" -ErrorAction Stop } |
            Should -Throw -ErrorId 'DatabaseNotFound,NixStore.PowerShell.Commands.MeasureNixStoreCommand'
    }

    It 'Is shown with sizes for people' {
        Measure-NixStore $small.Root | Out-String | Should -Match 'DiskSize\s+: [0-9.]+ (B|KiB)'
    }
}
