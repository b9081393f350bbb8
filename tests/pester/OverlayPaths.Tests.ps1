BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/stores.ps1
    . $PSScriptRoot/overlays.ps1
    $obstacle = Get-OverlayObstacle
    if ($obstacle) { Write-Warning "${obstacle}: tests of paths in overlay stores skip" }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1
    . $PSScriptRoot/overlays.ps1

    # What was made at $Root by New-SmallStore, seen by an overlay, with 'gamma' of another store copied into its upper layer.
    function Mount-SmallOverlay {
        param([string] $Root)
        $lower = New-SmallStore "$Root/lower" 'alpha', 'beta'
        $other = New-SmallStore "$Root/other" 'alpha', 'beta', 'gamma', 'delta'
        $store = Mount-TestOverlay "$Root/overlay" $lower.Root
        Copy-StorePath $other.PathOf('gamma') -Store $other.Root -Destination $store -SkipSignatureCheck
        @{ Store = $store; Lower = $lower; Other = $other; Upper = "$Root/overlay/upper"; State = "$Root/overlay/nix/var/nix" }
    }
}

Describe 'Paths of an overlay store' -Skip:([bool] $obstacle) {
    BeforeAll {
        $overlay = Mount-SmallOverlay (Join-Path $TestDrive look)
        $s = @{ Store = $overlay.Store }
    }

    AfterAll {
        Dismount-TestOverlay $TestDrive
    }

    It 'Are those of both layers, and each tells where it is' {
        $paths = Get-StorePath @s
        ($paths | Sort-Object Name).Name | Should -Be 'alpha', 'beta', 'gamma'
        ($paths | Sort-Object Name).Layer | Should -Be 'Lower', 'Lower', 'Upper'
        $paths.State | Select-Object -Unique | Should -Be 'Valid'
        (Get-StorePath -Store $overlay.Lower.Root)[0].Layer | Should -BeNullOrEmpty
    }

    It 'Show their layer in a list' {
        Get-StorePath *-gamma @s | Format-List | Out-String | Should -Match 'Layer\s+: Upper'
        Get-StorePath *-alpha -Store $overlay.Lower.Root | Format-List | Out-String | Should -Not -Match 'Layer'
    }

    It 'Go back to their store through the pipeline' {
        Get-StorePath @s | Test-StorePath -Detailed | Select-Object -ExpandProperty State | Should -Be 'Valid', 'Valid', 'Valid'
        (Get-StorePath *-gamma @s | Get-StoreClosure).Name | Sort-Object | Should -Be 'alpha', 'beta', 'gamma'
    }

    It 'Can be exported and copied whichever layer they are in' {
        $target = Join-Path $TestDrive copied
        Copy-StorePath $overlay.Other.PathOf('gamma') @s -Destination $target -SkipSignatureCheck
        (Get-StorePath -Store $target).Name | Sort-Object | Should -Be 'alpha', 'beta', 'gamma'
    }

    It 'Tell why they live' {
        $null = New-Item -ItemType SymbolicLink "$($overlay.State)/gcroots/keep" -Target $overlay.Other.PathOf('gamma')
        $why = Trace-StorePath $overlay.Lower.PathOf('alpha') @s -WarningAction Ignore
        "$($why | Format-List | Out-String -Width 500)" | Should -Match 'gcroots/keep'
        Remove-Item "$($overlay.State)/gcroots/keep"
    }

    It 'Are signed where they are registered' {
        $lower = New-SmallStore "$TestDrive/sign/lower" 'alpha'
        $store = (New-OverlayStore $lower.Root "$TestDrive/sign/overlay" -Mount -PassThru).Store
        $key = Join-Path $TestDrive signer.sec
        [Reflection.Assembly]::Load('NixStore.Engine').GetType('NixStore.Engine.Signatures.NixSecretKey')::Generate('signer').Save($key)
        $failed = { Get-StorePath -Store $store | Add-StorePathSignature -SecretKeyPath $key -ErrorAction Stop } | Should -Throw -PassThru
        $failed.FullyQualifiedErrorId | Should -BeLike 'OverlayRowInLower,*'
        $failed.TargetObject | Should -Be $lower.PathOf('alpha')
        $failed.ErrorDetails.RecommendedAction | Should -BeLike "*-Store '*lower'*"
        Add-StorePathSignature $lower.PathOf('alpha') -Store $lower.Root -SecretKeyPath $key
        (Get-StorePath -Store $store).Signatures.KeyName | Should -Be 'signer'
    }

    It 'Has an overlay told by Get-NixStore' {
        $store = Get-NixStore @s
        [uri]::UnescapeDataString($store.Store) | Should -Be ([uri]::UnescapeDataString($overlay.Store))
        $store.PathCount | Should -Be 3
    }

    It 'Are refused to <_>, which weighs database and directory' -ForEach @(
        'Test-NixStore', 'Repair-NixStore', 'Test-StoreDatabase', 'Repair-StoreDatabase', 'Restore-StoreDatabase', 'Optimize-NixStore'
    ) {
        $ConfirmPreference = 'None'
        $more = $_ -eq 'Restore-StoreDatabase' ? @{ Path = $overlay.Lower.PathOf('alpha') } : @{}
        $null = & $_ @s @more -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'OverlayNotSupported,*'
        $failed[0].ErrorDetails.RecommendedAction | Should -BeLike "*-Store '*'*"
    }
}

Describe 'Garbage of an overlay store' -Skip:([bool] $obstacle) {
    BeforeEach {
        $overlay = Mount-SmallOverlay (Join-Path $TestDrive ([guid]::NewGuid()))
        $s = @{ Store = $overlay.Store; WarningAction = 'Ignore' }
    }

    AfterEach {
        Dismount-TestOverlay $TestDrive
    }

    It 'Is what only the upper layer has' {
        $garbage = Get-StoreGarbage @s
        $garbage.Path | Should -Be $overlay.Other.PathOf('gamma')
        $garbage.Kind | Should -Be 'Dead'
        $garbage.ReclaimableSize | Should -BeGreaterThan 0
    }

    It 'Is collected, and the lower store stays' {
        $before = Get-ChildItem -Recurse $overlay.Lower.Root | ForEach-Object { "$($_.FullName) $($_.LastWriteTimeUtc.Ticks) $($_.Length)" } | Where-Object { $_ -notmatch '/db/' }
        $garbage = Get-StoreGarbage @s
        $result = Invoke-StoreGarbageCollection @s -Confirm:$false
        $result.RemovedCount | Should -Be 1
        $result.FreedBytes | Should -Be $garbage.ReclaimableSize
        (Get-StorePath @s).Name | Sort-Object | Should -Be 'alpha', 'beta'
        Get-ChildItem -Recurse $overlay.Lower.Root | ForEach-Object { "$($_.FullName) $($_.LastWriteTimeUtc.Ticks) $($_.Length)" } | Where-Object { $_ -notmatch '/db/' } | Should -Be $before
        (Get-ChildItem -Force $overlay.Upper).Name | Where-Object { $_ -ne '.links' } | Should -BeNullOrEmpty
    }

    It 'Is not collected where the overlay is not mounted' {
        Dismount-TestOverlay $TestDrive
        $failed = { Invoke-StoreGarbageCollection @s -Confirm:$false -ErrorAction Stop } | Should -Throw -PassThru
        $failed.FullyQualifiedErrorId | Should -BeLike 'OverlayNotMounted,*'
        (Get-ChildItem $overlay.Upper).Name | Should -Contain (Split-Path -Leaf $overlay.Other.PathOf('gamma'))
    }

    It 'Does not go into the trash, which is on the other side of the mount' {
        foreach ($command in { Invoke-StoreGarbageCollection @s -Trash -Confirm:$false -ErrorAction Stop }, { Remove-StorePath *-gamma @s -Trash -Confirm:$false -ErrorAction Stop }) {
            (& { $command | Should -Throw -PassThru }).FullyQualifiedErrorId | Should -BeLike 'TrashOnOtherFileSystem,*'
        }
        (Get-StorePath *-gamma @s).Layer | Should -Be 'Upper'
    }

    It 'Is planned, and the plan carried out' {
        $plan = New-StoreGarbagePlan @s
        $plan.Items.Count | Should -Be 1
        ($plan | Invoke-StoreGarbageCollection -Confirm:$false -WarningAction Ignore).RemovedCount | Should -Be 1
    }

    It 'Is not what the lower store has as well' {
        $name = Split-Path -Leaf $overlay.Lower.PathOf('beta')
        cp -a "$($overlay.Lower.Root)/nix/store/$name" $overlay.Upper
        (Get-StoreGarbage @s).Path | Should -Be $overlay.Other.PathOf('gamma')
        $null = Invoke-StoreGarbageCollection @s -Confirm:$false
        (Get-StorePath *-beta @s).Layer | Should -Be 'Both'
        "$($overlay.Upper)/$name" | Should -Exist
    }

    It 'Repairs what is damaged from the lower store' {
        $name = Split-Path -Leaf $overlay.Lower.PathOf('beta')
        Set-Content "$($overlay.Upper)/$name" 'bad'
        (Get-StorePath *-beta @s).Layer | Should -Be 'Both'
        Dismount-TestOverlay $TestDrive
        $null = Mount-TestOverlay (Split-Path $overlay.Upper) $overlay.Lower.Root
        Test-StorePath $overlay.Lower.PathOf('beta') @s | Should -BeFalse
        $repair = Get-StorePath *-beta @s | Test-StorePath -Detailed | Repair-StorePath -Confirm:$false
        $repair.Outcome | Should -Be 'Repaired'
        Get-StorePath *-beta @s | Test-StorePath | Should -BeTrue
        (Get-StorePath *-beta @s).Layer | Should -Be 'Lower'
    }
}
