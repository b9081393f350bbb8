BeforeDiscovery {
    . $PSScriptRoot/overlays.ps1
    $obstacle = Get-OverlayObstacle
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1
    . $PSScriptRoot/overlays.ps1
    $small = New-SmallStore (Join-Path $TestDrive lower) 'a', 'b'
    $overlay = New-OverlayStore $small.Root "$TestDrive/ov" -PassThru
    $other = New-OverlayStore $small.Root "$TestDrive/other" -PassThru

    function Get-Mount { @(Get-Content /proc/self/mounts | Where-Object { $_ -like "* $TestDrive/*" }) }
}

AfterAll { Dismount-TestOverlay $TestDrive }

Describe 'Mount-OverlayStore, Dismount-OverlayStore and Get-OverlayStore' -Skip:($obstacle) {
    It 'Mounts nothing with -WhatIf' {
        Mount-OverlayStore $overlay.Store -WhatIf
        Get-Mount | Should -BeNullOrEmpty
    }

    It 'Mounts by URL, directory and object, once' {
        Mount-OverlayStore $overlay.Store | Should -BeNullOrEmpty
        Mount-OverlayStore "$TestDrive/ov" | Should -BeNullOrEmpty
        $mounted = $overlay, $other | Mount-OverlayStore -PassThru
        $mounted.IsMounted | Should -Be $true, $true
        $mounted.Store | Should -Be $overlay.Store, $other.Store
        (Get-Mount).Count | Should -Be 2
    }

    It 'Lists those that are mounted' {
        $seen = Get-OverlayStore | Where-Object Root -Like "$TestDrive/*"
        $seen.Store | Sort-Object | Should -Be ($overlay.Store, $other.Store | Sort-Object)
        $seen[0] | Should -BeOfType NixStore.OverlayStore
        $seen.WorkDirectory | Sort-Object | Should -Be "$TestDrive/other/work", "$TestDrive/ov/work"
    }

    It 'Lists the store of NIX_REMOTE, mounted or not' {
        Dismount-OverlayStore $other.Store
        $before = $env:NIX_REMOTE
        try {
            $env:NIX_REMOTE = $other.Store
            (Get-OverlayStore).Store | Should -Contain $other.Store
            Mount-OverlayStore
            (Get-OverlayStore | Where-Object Store -EQ $other.Store).IsMounted | Should -BeTrue
        }
        finally {
            $env:NIX_REMOTE = $before
        }
    }

    It 'Remounts' {
        # So overlayfs remembers that there is no such file.
        "$TestDrive/ov/nix/store/x" | Should -Not -Exist
        $null = New-Item "$TestDrive/ov/upper/x"
        Mount-OverlayStore $overlay.Store -Remount
        "$TestDrive/ov/nix/store/x" | Should -Exist
        (Get-Mount).Count | Should -Be 2
    }

    It 'Unmounts nothing with -WhatIf' {
        Dismount-OverlayStore $overlay.Store -WhatIf
        (Get-Mount).Count | Should -Be 2
    }

    It 'Names who uses a store, and unmounts it with -Lazy all the same' {
        $user = Start-Process sleep infinity -WorkingDirectory "$TestDrive/ov/nix/store" -PassThru
        try {
            Dismount-OverlayStore $overlay.Store -ErrorVariable failure -ErrorAction SilentlyContinue
            $failure.FullyQualifiedErrorId | Should -Be 'OverlayBusy,NixStore.PowerShell.Commands.DismountOverlayStoreCommand'
            $failure.Exception.Message | Should -BeLike "*sleep (process $($user.Id)) (working directory)*"
            (Dismount-OverlayStore $overlay.Store -Lazy -PassThru).IsMounted | Should -BeFalse
        }
        finally {
            $user.Kill()
        }
    }

    It 'Unmounts what is mounted, and is content with what is not' {
        $overlay, $other | Dismount-OverlayStore | Should -BeNullOrEmpty
        Dismount-OverlayStore $overlay.Store
        Get-Mount | Should -BeNullOrEmpty
    }

    It 'Tells of one that is not mounted' {
        $store = Get-OverlayStore "$TestDrive/ov"
        $store.IsMounted, $store.WorkDirectory | Should -Be $false, "$TestDrive/ov/work"
    }

    It 'Is an error for another store' {
        foreach ($command in 'Get-OverlayStore', 'Mount-OverlayStore', 'Dismount-OverlayStore') {
            & $command $small.Root -ErrorVariable failure -ErrorAction SilentlyContinue
            $failure.FullyQualifiedErrorId | Should -BeLike 'NotAnOverlayStore,*'
        }
    }

    It 'Goes on after a store that cannot be mounted' {
        rm -rf "$TestDrive/other/work"
        $mounted = $other, $overlay | Mount-OverlayStore -PassThru -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'OverlayDirectoryMissing,NixStore.PowerShell.Commands.MountOverlayStoreCommand'
        $mounted.Store | Should -Be $overlay.Store
    }

    It 'Completes the directories of mounted stores' {
        $line = "Dismount-OverlayStore $TestDrive/o"
        [Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.ListItemText | Should -Contain "$TestDrive/ov"
    }

    It 'Shows a store as a list' {
        Get-OverlayStore "$TestDrive/ov" | Out-String -Width 500 | Should -Match '(?m)^IsMounted +: True$'
    }
}
