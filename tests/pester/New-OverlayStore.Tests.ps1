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
    $lower = $small.Root
    $at = { param($Name) Join-Path $TestDrive $Name }

}

AfterAll { Dismount-TestOverlay $TestDrive }

Describe 'New-OverlayStore' {
    It 'Touches nothing with -WhatIf' {
        New-OverlayStore $lower (& $at whatif) -Mount -PassThru -WhatIf | Should -BeNullOrEmpty
        & $at whatif | Should -Not -Exist
    }

    It 'Makes a store, silently, and again' {
        New-OverlayStore $lower (& $at one) | Should -BeNullOrEmpty
        New-OverlayStore $lower (& $at one) | Should -BeNullOrEmpty
        stat -c %a (& $at one/remount.sh), (& $at one/upper), (& $at one/work) | Should -Be '755', '755', '700'
        Get-Content -Raw (& $at one/remount.sh) | Should -Match '\nexec mount -o remount "\$1"\n'
        & $at one/nix/var/nix/db/db.sqlite | Should -Exist
    }

    It 'Tells of it with -PassThru' {
        $store = New-OverlayStore $lower (& $at one) -PassThru
        $store.Store | Should -Be "local-overlay://?root=$TestDrive/one&lower-store=local%3Froot%3D$lower&upper-layer=$TestDrive/one/upper&remount-hook=$TestDrive/one/remount.sh"
        $store.Root, $store.Path | Should -Be "$TestDrive/one", "$TestDrive/one"
        $store.NixConf | Should -Be 'extra-experimental-features = local-overlay-store', "store = $($store.Store)"
        $store.IsMounted | Should -BeFalse
    }

    It 'Takes the lower store from the pipeline, and keeps its URL as it was given' {
        $store = Get-NixStore $lower | New-OverlayStore -Path (& $at piped) -PassThru
        $store.LowerStore | Should -Be "local?root=$lower"
        $store = New-OverlayStore "local?read-only=true&root=$lower" (& $at ro) -PassThru
        $store.LowerStore | Should -Be "local?read-only=true&root=$lower"
        $store.ExperimentalFeatures | Should -Be 'local-overlay-store', 'read-only-local-store'
    }

    It 'Counts relative directories from the location' {
        Push-Location $TestDrive
        try { (New-OverlayStore ./lower ./relative -PassThru).Root | Should -Be "$TestDrive/relative" }
        finally { Pop-Location }
    }

    It 'Makes the physical form' {
        $store = New-OverlayStore $lower (& $at physical) -Physical -PassThru
        $store.Store | Should -BeLike 'local-overlay://[?]lower-store=*'
        $store.Root | Should -BeNullOrEmpty
        $store.Path, $store.RealDirectory | Should -Be "$TestDrive/physical", '/nix/store'
    }

    It 'Mounts with -Mount' -Skip:($obstacle) {
        $store = New-OverlayStore $lower (& $at mounted) -Mount -PassThru
        $store.IsMounted | Should -BeTrue
        $store.MountOptions | Should -BeLike "*,lowerdir=$lower/nix/store,upperdir=$TestDrive/mounted/upper,workdir=$TestDrive/mounted/work*"
        New-OverlayStore $lower (& $at mounted) -Mount
        @(Get-Content /proc/self/mounts | Where-Object { $_ -like "* $TestDrive/mounted/nix/store *" }).Count | Should -Be 1
        (Get-StorePath *-a -Store $store.Store).Layer | Should -Be 'Lower'
    }

    It 'Is <id> for <what>' -ForEach @(
        @{ id = 'LowerStoreNotFound'; what = 'no lower store'; arguments = @{ LowerStore = '/none'; Path = 'x' } }
        @{ id = 'OverlayNameUnmatchable'; what = 'a name with a plus'; arguments = @{ Path = 'a+b' } }
        @{ id = 'OverlaySymbolicLink'; what = 'a link on the way'; arguments = @{ Path = 'link/x' } }
        @{ id = 'OverlayStoreExists'; what = 'another store there'; arguments = @{ Path = 'lower' } }
        @{ id = 'OverlayLayersOverlap'; what = 'a work directory in the upper layer'; arguments = @{ Path = 'x'; WorkDirectory = 'x/upper/w' } }
        @{ id = 'OverlayFileSystemsDiffer'; what = 'a work directory elsewhere'; arguments = @{ Path = 'x'; WorkDirectory = '/dev/shm/nixstore-none' } }
        @{ id = 'UpperLayerUnfit'; what = 'an upper layer in /proc'; arguments = @{ Path = 'x'; UpperLayer = '/proc/u'; WorkDirectory = '/proc/w' } }
        @{ id = 'RemountHookNotFound'; what = 'a hook that is not there'; arguments = @{ Path = 'x'; RemountHook = '/none' } }
        @{ id = 'OverlayHidden'; what = 'a physical store with a layer below /nix'; arguments = @{ Path = 'x'; Physical = $true; UpperLayer = '/nix/u'; WorkDirectory = '/nix/w' } }
    ) {
        if (-not (Test-Path (& $at link))) { $null = New-Item -ItemType SymbolicLink (& $at link) -Target "$TestDrive" }
        $given = @{ LowerStore = $lower } + @{}
        foreach ($name in $arguments.Keys) { $given[$name] = $arguments[$name] }
        foreach ($name in 'Path', 'WorkDirectory') { if ($given[$name] -and -not $given[$name].StartsWith('/')) { $given[$name] = & $at $given[$name] } }
        New-OverlayStore @given -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be "$id,NixStore.PowerShell.Commands.NewOverlayStoreCommand"
        & $at x | Should -Not -Exist
    }
}
