BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $noNix = -not (Test-Path $nixLab/nix/bin/nix234-store)
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/transfer.ps1
    $failed = 'NixStore.PowerShell.Commands.OptimizeNixStoreCommand'

    # Two paths with an equal file each.
    function New-TwinStore {
        [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
        param()
        $store = New-Place
        foreach ($name in 'one', 'two') {
            $tree = New-Item -ItemType Directory (Join-Path (New-Place) $name)
            Set-Content (Join-Path $tree same) ('equal' * 2000) -NoNewline
            Set-Content (Join-Path $tree own) $name -NoNewline
            Import-StorePath $tree -Store $store
        }
    }

    function Get-Inode { param([string] $Path) stat -c %i $Path }
}

Describe 'Optimize-NixStore' {
    BeforeEach {
        $one, $two = New-TwinStore
        $store = $one.Store
    }

    It 'Links equal files and counts' {
        $result = Optimize-NixStore -Store $store
        $result | Should -BeOfType NixStore.StoreOptimisation
        $result.Store | Should -Be $store
        $result.FilesExamined, $result.FilesLinked, $result.LinksCreated, $result.FilesSkipped | Should -Be 4, 1, 3, 0
        $result.BytesFreed | Should -BeGreaterThan 9999
        Get-Inode "$($one.RealPath)/same" | Should -Be (Get-Inode "$($two.RealPath)/same")
        $one, $two | Test-StorePath | Should -Be $true, $true
        (Optimize-NixStore -Store $store).FilesLinked | Should -Be 0
    }

    It 'Predicts with -WhatIf and touches nothing' {
        $before = find $one.RealPath $two.RealPath -printf '%p %i %C@\n'
        $predicted = Optimize-NixStore -Store $store -WhatIf
        find $one.RealPath $two.RealPath -printf '%p %i %C@\n' | Should -Be $before
        $predicted.IsPrediction | Should -BeTrue
        $result = Optimize-NixStore -Store $store
        $result.IsPrediction | Should -BeFalse
        $result.FilesLinked, $result.BytesFreed | Should -Be $predicted.FilesLinked, $predicted.BytesFreed
    }

    It 'Takes patterns, literals and objects' {
        (Optimize-NixStore '*-one' -Store $store).Paths | Should -Be 1
        (Optimize-NixStore -LiteralPath $one.Path, $two.Path -Store $store).Paths | Should -Be 2
        $result = Get-StorePath -Store $store | Optimize-NixStore
        $result | Should -HaveCount 1
        $result.Paths | Should -Be 2
    }

    It 'Leaves short files alone' {
        (Optimize-NixStore -Store $store -MinimumSize 4KB).LinksCreated | Should -Be 1
    }

    It 'Reports and takes away a bad link' {
        $null = Optimize-NixStore -Store $store
        $link = Join-Path (Split-Path $one.RealPath) .links ('0' * 52)
        Set-Content $link bad
        $result = Optimize-NixStore -Store $store -VerifyLinks -ErrorVariable failures -ErrorAction SilentlyContinue
        $failures.FullyQualifiedErrorId | Should -Be "LinkCorrupt,$failed"
        $failures.TargetObject | Should -Be $link
        $result.BadLinks, $result.BadLinksMended | Should -Be 1, 1
        $link | Should -Not -Exist
    }

    It 'Says what is not there, and does the rest' {
        $result = Optimize-NixStore '*-nothing', '*-one' -Store $store -ErrorVariable failures -ErrorAction SilentlyContinue
        $failures.FullyQualifiedErrorId | Should -Be "StorePathNotFound,$failed"
        $result.Paths | Should -Be 1
        Optimize-NixStore '*-nothing' -Store $store -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
    }

    It 'Satisfies real Nix' -Skip:$noNix {
        $null = Optimize-NixStore -Store $store
        Test-ByRealNix ($store -replace '^local\?root=') | Should -BeNullOrEmpty
    }
}
