BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/stores.ps1
    $obstacle = Get-LabObstacle
    if ($obstacle) { Write-Warning "${obstacle}: the comparison of Get-StoreGarbage with real Nix skips" }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1
    . $PSScriptRoot/garbage.ps1
    $WarningPreference = 'SilentlyContinue'
    $small = New-GarbageStore
    $s = @{ Store = $small.Root }
}

Describe 'Get-StoreGarbage' {
    It 'Gives what no root needs, referrers first, with sizes' {
        $garbage = Get-StoreGarbage @s
        $garbage[0].GetType().FullName | Should -Be 'NixStore.StoreGarbage'
        $garbage.Name | Sort-Object | Should -Be 'lone', 'old', 'older', 'stray'
        $garbage.Name.IndexOf('older') | Should -BeLessThan $garbage.Name.IndexOf('old')
        $garbage.Where{ $_.Name -eq 'stray' }.Kind | Should -Be 'Unregistered'
        $lone = $garbage.Where{ $_.Name -eq 'lone' }[0]
        $lone.ReclaimableSize | Should -Be ([int](stat -c %b $lone.RealPath) * 512)
        $lone.NarSize | Should -BeGreaterThan 50000
        $lone.FileCount, $lone.SharedSize | Should -Be 1, 0
    }

    It 'Counts a file with several links for the last of them' {
        $other = New-GarbageStore
        $lone = $other.RealPathOf('lone')
        $copy = $other.RealPathOf('twin')
        ln $lone $copy
        $garbage = Get-StoreGarbage *-lone, *-twin -Store $other.Root
        $garbage.ReclaimableSize | Should -Be 0, ([int](stat -c %b $lone) * 512)
        (Get-StoreGarbage *-lone -Store $other.Root).ReclaimableSize | Should -Be 0
    }

    It 'Takes wildcards, literal paths and objects' {
        (Get-StoreGarbage *-old* @s).Name | Should -Be 'older', 'old'
        (Get-StoreGarbage -LiteralPath $small.PathOf('old') @s).Name | Should -Be 'old'
        (Get-StorePath @s | Get-StoreGarbage).Name | Sort-Object | Should -Be 'lone', 'old', 'older'
        Get-StoreGarbage *-app @s | Should -BeNullOrEmpty
    }

    It 'Takes kinds, and skips sizes' {
        (Get-StoreGarbage @s -Kind Unregistered).Name | Should -Be 'stray'
        $garbage = Get-StoreGarbage @s -SkipSize
        $garbage | Should -HaveCount 4
        $garbage | Where-Object { $null -ne $_.ReclaimableSize -or $null -ne $_.LastUsed } | Should -BeNullOrEmpty
    }

    It 'Gives links that nothing shares' {
        $other = New-GarbageStore
        $links = New-Item -ItemType Directory -Force "$($other.Root)/nix/store/.links"
        Set-Content "$links/unused" ('x' * 5000)
        $link = Get-StoreGarbage -Store $other.Root -Kind UnusedLink
        $link.Path, $link.ReclaimableSize | Should -Be '/nix/store/.links/unused', 8192
        (Get-StoreGarbage -Store $other.Root -Kind UnusedLink -SkipSize).Path | Should -Be '/nix/store/.links/unused'
        (Get-StoreGarbage -Store $other.Root -SkipSize).Kind | Should -Not -Contain 'UnusedLink'
    }

    It 'Takes roots for removed: <what>' -ForEach @(
        @{ what = 'a link'; value = { "$($small.Root)/nix/var/nix/gcroots/app" } }
        @{ what = 'a root'; value = { Get-StoreRoot *-app @s } }
    ) {
        (Get-StoreGarbage @s -AssumeRemoved (& $value)).Name | Should -Contain 'app'
    }

    It 'Warns of a root that is not there' {
        $null = Get-StoreGarbage @s -AssumeRemoved /no/such/link -WarningVariable warnings
        "$warnings" | Should -BeLike '*/no/such/link*'
    }

    It 'Follows derivers and outputs as it is told' {
        $derived = New-SmallStore (Join-Path $TestDrive derived) 'source', 'x.drv'
        $null = $derived.Add('x', @(), '', $null)
        Invoke-StoreSql $derived.Root "update ValidPaths set deriver = '$($derived.PathOf('x.drv'))' where path like '%-x'"
        $null = New-Item -ItemType SymbolicLink "$(New-Item -ItemType Directory -Force "$($derived.Root)/nix/var/nix/gcroots")/x" -Target $derived.PathOf('x')
        Get-StoreGarbage -Store $derived.Root -KeepDerivations | Should -BeNullOrEmpty
        (Get-StoreGarbage -Store $derived.Root -KeepDerivations:$false).Name | Should -Be 'x.drv', 'source'
    }

    It 'Leaves no trace' {
        $before = Get-Trace $small.Root
        $null = Get-StoreGarbage @s
        $null = New-StoreGarbagePlan @s
        Get-Trace $small.Root | Should -Be $before
    }

    It 'Shows sizes for people, on the right' {
        Get-StoreGarbage *-lone @s | Out-String -Width 160 | Should -Match 'Dead\s+52\.0 KiB\s+0 B '
    }

    It 'Completes kinds' {
        (TabExpansion2 'Get-StoreGarbage -Kind ').CompletionMatches.CompletionText | Should -Contain 'UnusedLink'
    }

    It 'Refuses an empty store directory as a whole' {
        $gone = New-GarbageStore
        Remove-Item -Recurse -Force "$($gone.Root)/nix/store/*"
        { Get-StoreGarbage -Store $gone.Root } | Should -Throw -ErrorId '*,NixStore.PowerShell.Commands.GetStoreGarbageCommand'
    }

    # Names that are not UTF-8 are more than TestDrive can delete.
    AfterAll { rm -rf "$TestDrive/lab" }

    It 'Is what real Nix calls dead' -Skip:([bool]$obstacle) {
        $lab = Join-Path $TestDrive lab
        Copy-LabStore $lab
        $nix = "$nixLab/nix/bin/nix234-store"
        $dead = & $nix --store "local?root=$lab" --gc --print-dead 2>$null
        (Get-StoreGarbage -Store $lab -Kind Dead).Path | Sort-Object | Should -Be ($dead | Sort-Object)
        (Measure-NixStore -Store $lab -Top 0).ReclaimableSize | Should -Be (Get-StoreGarbage -Store $lab | Measure-Object ReclaimableSize -Sum).Sum
    }
}
