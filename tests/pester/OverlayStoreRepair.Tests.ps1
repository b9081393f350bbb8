BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/overlays.ps1
    $obstacle = Get-OverlayObstacle
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1
    . $PSScriptRoot/overlays.ps1
    $before = $env:NIX_CONFIG
    $env:NIX_CONFIG = 'extra-experimental-features = local-overlay-store read-only-local-store'

    # An overlay store in which nothing is found, with two paths in the lower one.
    function Build-Overlay([string] $Name) {
        $directory = Join-Path $TestDrive $Name
        $lower = New-SmallStore "$directory/lower" 'alpha', 'beta'
        New-EmptyStore "$directory/root"
        $url = Mount-TestOverlay "$directory/root" "$directory/lower"
        Set-Content "$directory/root/remount.sh" "#!/bin/sh`nexec mount -o remount `"`$1`""
        chmod +x "$directory/root/remount.sh"
        [pscustomobject]@{
            Store = "$url&remount-hook=$directory/root/remount.sh"
            Lower = $lower
            Hook = "$directory/root/remount.sh"
            Upper = "$directory/root/upper"
            Merged = "$directory/root/nix/store"
            Path = $lower.PathOf('beta')
            Base = Split-Path -Leaf $lower.PathOf('beta')
        }
    }
}

AfterAll {
    $env:NIX_CONFIG = $before
    Dismount-TestOverlay $TestDrive
}

Describe 'Test-OverlayStore' -Skip:([bool] $obstacle) {
    BeforeAll {
        $sound = Build-Overlay sound
        $damaged = Build-Overlay damaged
        Remove-Item -Force "$($damaged.Merged)/$($damaged.Base)"
    }

    It 'Gives nothing where all is well, and true with -Quiet' {
        Test-OverlayStore $sound.Store | Should -BeNullOrEmpty
        Test-OverlayStore $sound.Store -CheckContents | Should -BeNullOrEmpty
        Test-OverlayStore $sound.Store -Quiet | Should -BeTrue
    }

    It 'Gives a finding for each thing, with cause and remedy, and false with -Quiet' {
        $finding = Test-OverlayStore -Store $damaged.Store
        $finding | Should -BeOfType NixStore.OverlayFinding
        $finding.Kind, $finding.Severity, $finding.Layer | Should -Be 'Whiteout', 'Error', 'Upper'
        $finding.Path | Should -Be $damaged.Path
        $finding.Store | Should -Be (Get-NixStore $damaged.Store).Store
        $finding.Detail | Should -BeLike '*hides a valid path*'
        $finding.Cause | Should -BeLike '*through the mount*'
        $finding.Remedy | Should -BeLike '*Repair-OverlayStore*'
        Test-OverlayStore $damaged.Store -Quiet | Should -BeFalse
    }

    It 'Takes stores by value and by property' {
        $sound.Store, $damaged.Store | Test-OverlayStore -Quiet | Should -Be $true, $false
        [pscustomobject]@{ Store = $damaged.Store } | Test-OverlayStore -Quiet | Should -BeFalse
    }

    It 'Gives findings that can be piped to cmdlets that take paths' {
        (Test-OverlayStore $damaged.Store | Get-StorePath).Path | Should -Be $damaged.Path
    }

    It 'Explains a mount that is not there' {
        $unmounted = Build-Overlay unmounted
        umount $unmounted.Merged
        $finding = Test-OverlayStore $unmounted.Store | Where-Object Kind -EQ MountMissing
        $finding.Severity, $finding.Path | Should -Be 'Error', $unmounted.Merged
        $finding.Remedy | Should -BeLike 'Mount-OverlayStore*'
    }

    It 'Names features that are off' {
        try {
            $env:NIX_CONFIG = ''
            (Test-OverlayStore $sound.Store | Where-Object Kind -EQ FeatureDisabled).Detail | Should -HaveCount 2
        }
        finally { $env:NIX_CONFIG = 'extra-experimental-features = local-overlay-store read-only-local-store' }
    }

    It 'Says when a store is none, and goes on' {
        $answer = $sound.Lower.Root, $sound.Store | Test-OverlayStore -Quiet -ErrorVariable failure -ErrorAction SilentlyContinue
        $answer | Should -BeTrue
        $failure.FullyQualifiedErrorId | Should -Be 'NotAnOverlayStore,NixStore.PowerShell.Commands.TestOverlayStoreCommand'
    }

    It 'Shows severity, kind, layer, path and detail' {
        $text = Test-OverlayStore $damaged.Store | Out-String -Width 200
        $text | Should -Match 'Severity\s+Kind\s+Layer\s+Detail'
        $text | Should -Match "Error\s+Whiteout\s+Upper\s+$([regex]::Escape($damaged.Path)): a whiteout"
    }

    It 'Changes nothing' {
        $directory = Join-Path $TestDrive damaged
        $state = { find $directory -path "$($damaged.Merged)/*" -prune -o -printf '%p %i %m %s %T@ %C@\n' | Sort-Object }
        $was = & $state
        $null = Test-OverlayStore $damaged.Store -CheckContents
        & $state | Should -Be $was
    }

    It 'Ends early when no more is wanted' {
        Test-OverlayStore $damaged.Store | Select-Object -First 1 | Should -HaveCount 1
    }
}

Describe 'Repair-OverlayStore' -Skip:([bool] $obstacle) {
    BeforeEach {
        $store = Build-Overlay "repair$([guid]::NewGuid())"
        Remove-Item -Force "$($store.Merged)/$($store.Base)"
        Remove-Item $store.Hook
    }

    It 'Gives the plan, in order, and changes nothing' {
        $steps = Repair-OverlayStore $store.Store -Plan
        $steps | Should -BeOfType NixStore.OverlayRepairStep
        $steps.Order | Should -Be 1, 2, 3
        $steps.Action | Should -Be 'WriteRemountHook', 'RemoveWhiteout', 'Remount'
        $steps.Path | Should -Be $store.Hook, $store.Path, $store.Merged
        $steps.Finding.Kind | Should -Be 'RemountHookMissing', 'Whiteout', 'Whiteout'
        $steps.Outcome | Select-Object -Unique | Should -Be 'Planned'
        Test-Path $store.Hook | Should -BeFalse
        Test-Path "$($store.Merged)/$($store.Base)" | Should -BeFalse
    }

    It 'Touches nothing with -WhatIf' {
        Repair-OverlayStore $store.Store -WhatIf | Should -BeNullOrEmpty
        Test-Path $store.Hook | Should -BeFalse
        (Test-OverlayStore $store.Store | Where-Object Severity -NE Information).Kind | Should -Be 'RemountHookMissing', 'Whiteout'
    }

    It 'Takes the steps' {
        $steps = $store.Store | Repair-OverlayStore -Confirm:$false
        $steps.Action | Should -Be 'WriteRemountHook', 'RemoveWhiteout', 'Remount'
        $steps.Outcome | Select-Object -Unique | Should -Be 'Done'
        Get-Content -Raw "$($store.Merged)/$($store.Base)" | Should -BeLike 'beta*'
        Test-OverlayStore $store.Store | Should -BeNullOrEmpty
        Repair-OverlayStore $store.Store | Should -BeNullOrEmpty
        & $store.Hook $store.Merged
        $LASTEXITCODE | Should -Be 0
    }

    It 'Tells of a step that failed, and of what is left to people' {
        chmod u+w "$($store.Merged)/$(Split-Path -Leaf $store.Lower.PathOf('alpha'))"
        $file = $store.Lower.RealPathOf('alpha')
        chmod u+w $file
        Add-Content $file damage
        $steps = Repair-OverlayStore $store.Store -ErrorVariable failure -ErrorAction SilentlyContinue
        ($steps | Where-Object Outcome -EQ Failed).Action | Should -Be 'RemoveFragment'
        $failure.FullyQualifiedErrorId | Should -Be 'RepairStepFailed,NixStore.PowerShell.Commands.RepairOverlayStoreCommand'
        $failure.TargetObject | Should -BeOfType NixStore.OverlayRepairStep

        umount $store.Merged
        Repair-OverlayStore $store.Store -WarningVariable left -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        "$left" | Should -BeLike "*no overlay is mounted on '$($store.Merged)'*Mount-OverlayStore*"
    }

    It 'Says when a store is none, or opened read-only' {
        { Repair-OverlayStore $store.Lower.Root -ErrorAction Stop } | Should -Throw -ErrorId 'NotAnOverlayStore,*'
        { Repair-OverlayStore "$($store.Store)&read-only=true" -ErrorAction Stop } | Should -Throw -ErrorId 'StoreReadOnly,*'
    }

    It 'Shows order, action, outcome and detail' {
        $text = Repair-OverlayStore $store.Store -Plan | Out-String -Width 200
        $text | Should -Match 'Order\s+Action\s+Outcome\s+Detail'
        $text | Should -Match '2\s+RemoveWhiteout\s+Planned\s+remove the whiteout'
    }
}
