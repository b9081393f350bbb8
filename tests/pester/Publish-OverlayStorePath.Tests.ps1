BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/overlays.ps1
    $obstacle = Get-OverlayObstacle
    if ($obstacle) { Write-Warning "$obstacle`: overlay stores are not tested" }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1
    . $PSScriptRoot/overlays.ps1
    $failed = 'NixStore.PowerShell.Commands.PublishOverlayStorePathCommand'
}

Describe 'Publish-OverlayStorePath' -Skip:([bool] $obstacle) {
    BeforeEach {
        $place = (New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) "nixstore-publish-$([guid]::NewGuid())")).FullName
        $lower = "$place/lower"
        $null = New-SmallStore $lower base
        New-EmptyStore "$place/root"
        $store = Mount-TestOverlay "$place/root" $lower
        $small = New-SmallStore "$place/root" library, application
        $application = Get-StorePath '*-application' -Store $store
        $seen = @{ Store = $lower; CheckContents = $true }
    }

    AfterEach {
        Dismount-TestOverlay $place
        Remove-Item -Recurse -Force $place
    }

    It 'Publishes what is piped with all it needs, and gives what was named when asked' {
        $application | Publish-OverlayStorePath | Should -BeNullOrEmpty
        (Get-StorePath @seen).State | Should -Be 'Valid', 'Valid', 'Valid'
        $result = $application | Publish-OverlayStorePath -PassThru
        $result | Should -BeOfType NixStore.OverlayPublication
        $result.Path, $result.Method, $result.IsRequested | Should -Be $application.Path, 'Present', $true
        $result.LowerStore | Should -Be "local?root=$lower"
    }

    It 'Publishes by a wildcard what the upper layer has' {
        (Publish-OverlayStorePath * -Store $store -PassThru).Path.Substring(44) | Sort-Object | Should -Be 'application', 'library'
    }

    It 'Leaves an empty upper layer with -RemoveFromUpper, and all paths' {
        Publish-OverlayStorePath * -Store $store -RemoveFromUpper
        Get-ChildItem "$place/root/upper" -Force | Should -BeNullOrEmpty
        (Get-StorePath -Store $store -CheckContents).State | Should -Be 'Valid', 'Valid', 'Valid'
    }

    It 'Takes one path alone with -NoClosure when all it needs is there' {
        $application | Publish-OverlayStorePath -NoClosure -ErrorVariable failures -ErrorAction SilentlyContinue
        $failures.FullyQualifiedErrorId | Should -Be "ReferenceNotValid,$failed"
        Get-StorePath '*-library' -Store $store | Publish-OverlayStorePath -NoClosure
        $application | Publish-OverlayStorePath -NoClosure -PassThru | Should -HaveCount 1
    }

    It 'Registers what was copied by hand' {
        cp -a (Get-ChildItem "$place/root/upper").FullName $lower/nix/store
        (Publish-OverlayStorePath * -Store $store -PassThru).Method | Should -Be 'Registered', 'Registered'
        (Get-StorePath @seen).State | Should -Be 'Valid', 'Valid', 'Valid'
    }

    It 'Overwrites nothing that differs' {
        Set-Content "$lower/nix/store/$(Split-Path -Leaf $application.Path)" other
        $application | Publish-OverlayStorePath -ErrorVariable failures -ErrorAction SilentlyContinue
        $failures.FullyQualifiedErrorId | Should -Be "OverlayPathDiffers,$failed"
        $failures.TargetObject | Should -Be $application.Path
        Get-Content "$lower/nix/store/$(Split-Path -Leaf $application.Path)" | Should -Be other
    }

    It 'Changes nothing with -WhatIf' {
        $before = find $place -printf '%p %i %T@ %C@\n' | Where-Object { $_ -notmatch 'sqlite-shm' }
        Publish-OverlayStorePath * -Store $store -RemoveFromUpper -WhatIf
        find $place -printf '%p %i %T@ %C@\n' | Where-Object { $_ -notmatch 'sqlite-shm' } | Should -Be $before
    }

    It 'Refuses a store without layers' {
        { Publish-OverlayStorePath * -Store $lower -ErrorAction Stop } | Should -Throw -ErrorId "NotAnOverlayStore,$failed"
    }
}

Describe 'Optimize-OverlayStore' -Skip:([bool] $obstacle) {
    BeforeEach {
        $place = (New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) "nixstore-optimize-$([guid]::NewGuid())")).FullName
        $lower = "$place/lower"
        $null = New-SmallStore $lower one, two
        New-EmptyStore "$place/root"
        $store = Mount-TestOverlay "$place/root" $lower
        # What is written to the mount is copied up: both layers have it then.
        $null = New-SmallStore "$place/root" one, two, own
        $failed = 'NixStore.PowerShell.Commands.OptimizeOverlayStoreCommand'
    }

    AfterEach {
        Dismount-TestOverlay $place
        Remove-Item -Recurse -Force $place
    }

    It 'Removes what the lower store has, and nothing else' {
        $result = Optimize-OverlayStore -Store $store
        $result | Should -BeOfType NixStore.OverlayDuplicate
        $result.Path.Substring(44) | Sort-Object | Should -Be 'one', 'two'
        $result.IsPrediction | Should -Be $false, $false
        ($result | Measure-Object BytesFreed -Sum).Sum | Should -BeGreaterThan 0
        (Get-ChildItem $place/root/upper -Filter *-*).Name | Should -BeLike '*-own'
        (Get-StorePath -Store $store -CheckContents).State | Should -Be 'Valid', 'Valid', 'Valid'
        Optimize-OverlayStore -Store $store | Should -BeNullOrEmpty
    }

    It 'Says what it would free with -WhatIf, and touches nothing' {
        $before = find $place/root/upper -printf '%p %i %C@\n'
        $predicted = Optimize-OverlayStore -Store $store -WhatIf
        find $place/root/upper -printf '%p %i %C@\n' | Should -Be $before
        $predicted.IsPrediction | Should -Be $true, $true
        (Optimize-OverlayStore -Store $store).BytesFreed | Should -Be $predicted.BytesFreed
    }

    It 'Keeps the upper copy of what is damaged below' {
        Set-Content (Get-ChildItem $lower/nix/store -Filter *-one).FullName damaged
        $result = Optimize-OverlayStore -Store $store -ErrorVariable failures -ErrorAction SilentlyContinue
        $failures.FullyQualifiedErrorId | Should -Be "OverlayLowerDamaged,$failed"
        $failures.TargetObject | Should -BeLike '*-one'
        $result.Path | Should -BeLike '*-two'
        (Get-ChildItem $place/root/upper -Filter *-*).Name | Should -Contain (Split-Path -Leaf $failures.TargetObject)
    }

    It 'Refuses a store without layers' {
        { Optimize-OverlayStore -Store $lower -ErrorAction Stop } | Should -Throw -ErrorId "NotAnOverlayStore,$failed"
    }
}
