BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/overlays.ps1
    . $PSScriptRoot/stores.ps1
    $obstacle = Get-OverlayObstacle
    $atNix = -not $obstacle -and (Test-Path /nix)
    $nixToo = $atNix -and -not (Get-LabObstacle)
    # Whether the kernel lets nobody have a user namespace.
    $isRefused = @(Get-Command setpriv, unshare -ErrorAction Ignore).Count -lt 2
    if (-not $isRefused) {
        setpriv --reuid nobody --regid nogroup --clear-groups unshare -Urm true 2> $null
        $isRefused = [bool] $LASTEXITCODE
    }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1
    . $PSScriptRoot/overlays.ps1
    $small = New-SmallStore (Join-Path $TestDrive lower) 'a', 'b'
    $overlay = New-OverlayStore $small.Root "$TestDrive/ov" -PassThru
    $nix = "$nixLab/nix/bin"
}

AfterAll { Dismount-TestOverlay $TestDrive }

Describe 'Invoke-OverlayStore' -Skip:($obstacle) {
    It 'Runs nothing with -WhatIf' {
        $overlay | Invoke-OverlayStore touch, "$TestDrive/touched" -WhatIf
        "$TestDrive/touched" | Should -Not -Exist
    }

    It 'Runs a program where the store is mounted, and nobody else sees it' {
        $seen = $overlay | Invoke-OverlayStore ls, $overlay.RealDirectory
        $seen | Should -Be (Get-ChildItem "$($small.Root)/nix/store" -Name | Sort-Object)
        $LASTEXITCODE | Should -Be 0
        Get-ChildItem $overlay.RealDirectory | Should -BeNullOrEmpty
    }

    It 'Passes output, errors and the exit code through, and arguments as they are' {
        $all = Invoke-OverlayStore sh, -c, 'echo "$1"; echo wrong >&2; exit 7', x, "a 'b' `"c`" `$d" -Store $overlay.Store 2>&1
        $LASTEXITCODE | Should -Be 7
        ($all | Where-Object { $_ -is [string] }) | Should -Be "a 'b' `"c`" `$d"
        "$($all | Where-Object { $_ -is [Management.Automation.ErrorRecord] })" | Should -Be 'wrong'
    }

    It 'Sets what Nix needs' {
        $before = $env:NIX_CONFIG
        try {
            # A store that is named there would come before NIX_REMOTE.
            $env:NIX_CONFIG = "store = $TestDrive/elsewhere"
            $overlay | Invoke-OverlayStore printenv, NIX_REMOTE, NIX_CONFIG | Should -Be $overlay.Store, "store = $TestDrive/elsewhere",
                'extra-experimental-features = local-overlay-store', "store = $($overlay.Store)"
        }
        finally {
            $env:NIX_CONFIG = $before
        }
    }

    It 'Runs a script block with its arguments and the module' {
        $given = $overlay | Invoke-OverlayStore { param($First, $Second) "$First+$Second"; (Get-StorePath).Layer; (Get-OverlayStore).IsMounted; exit 5 } -ArgumentList "it's", 'b'
        $given | Should -Be "it's+b", 'Lower', 'Lower', 'True'
        $LASTEXITCODE | Should -Be 5
    }

    It 'Works in a directory of the caller' {
        Push-Location $TestDrive
        try { $overlay | Invoke-OverlayStore pwd | Should -Be "$TestDrive" }
        finally { Pop-Location }
    }

    It 'Has the store at /nix with -Physical, mounted here or not' -Skip:(-not $atNix) {
        foreach ($one in 1, 2) {
            $given = $overlay | Invoke-OverlayStore sh, -c, 'ls /nix/store; echo $NIX_REMOTE' -Physical
            $given.Count | Should -Be 3
            $given[2] | Should -BeLike 'local-overlay://[?]lower-store=*'
            Mount-OverlayStore $overlay.Store
        }
        Dismount-OverlayStore $overlay.Store
    }

    It 'Builds with real Nix <_> at /nix' -Skip:(-not $nixToo) -ForEach 'nix234', 'nix226' {
        $store = New-OverlayStore $small.Root "$TestDrive/build-$_" -Physical -PassThru
        Set-Content "$TestDrive/new" 'new'
        Set-Content "$TestDrive/x.nix" 'derivation { name = "x"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo $foo > $out" ]; foo = builtins.toFile "foo" "bar"; }'
        $added = $store | Invoke-OverlayStore $nix/$_-store, --add, $TestDrive/new
        $LASTEXITCODE | Should -Be 0
        $built = $store | Invoke-OverlayStore $nix/$_-build, --no-out-link, $TestDrive/x.nix 2> $null
        $LASTEXITCODE | Should -Be 0
        ($store | Invoke-OverlayStore { Get-StorePath | Where-Object Layer -EQ Upper | ForEach-Object Path }) | Should -Contain $added
        "$TestDrive/build-$_/upper/$(Split-Path -Leaf $built)" | Should -Exist
    }

    It 'Is an error where the store is none, or nothing says what is to be at /nix' {
        Invoke-OverlayStore true -Store $small.Root -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'NotAnOverlayStore,NixStore.PowerShell.Commands.InvokeOverlayStoreCommand'
        $store = New-OverlayStore $small.Root "$TestDrive/physical" -Physical -PassThru
        Invoke-OverlayStore true -Store $store.Store -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'OverlayRootUnknown,NixStore.PowerShell.Commands.InvokeOverlayStoreCommand'
    }

    It 'Says why the overlay is refused' {
        $store = New-OverlayStore $small.Root "$TestDrive/refused" -PassThru
        mount -t tmpfs -o ro tmpfs $store.RealDirectory
        try {
            Invoke-OverlayStore true -Store $store.Store -ErrorVariable failure -ErrorAction SilentlyContinue
            $failure.FullyQualifiedErrorId | Should -Be 'OverlayMountPointOccupied,NixStore.PowerShell.Commands.InvokeOverlayStoreCommand'
        }
        finally {
            umount $store.RealDirectory
        }
    }
}

Describe 'Invoke-OverlayStore without privileges' -Skip:([bool] $obstacle -or $isRefused) {
    BeforeAll {
        $own = (New-Item -ItemType Directory "$TestDrive/nobody").FullName
        chown nobody $own

        # Runs a script as nobody; the module, Nix where there is any, a PowerShell that NuGet has restored, and the test's directory may be in directories that nobody may not enter.
        function Invoke-AsNobody {
            param([string] $Script)
            $file = "$own/script-$([guid]::NewGuid()).ps1"
            Set-Content $file "`$ErrorActionPreference = 'Stop'; `$env:HOME = '$own/home'; `$null = mkdir -p `$env:HOME; Import-Module '$manifest'`n$Script"
            chmod a+r $file
            $seen = @("$TestDrive", "$root/output"; if (Test-Path $nixLab) { $nixLab }; if ($shellLibrary) { $PSHOME })
            & $root/tests/interop/as-nobody.sh @seen -- $shell @shellLibrary -NoProfile -NonInteractive -File $file
        }
    }

    It 'Has the overlay in a user namespace, in both forms' -Skip:(-not $atNix) {
        $given = Invoke-AsNobody @"
`$store = New-OverlayStore '$($small.Root)' '$own/ov' -PassThru
`$store.LowerStore
`$store | Invoke-OverlayStore sh, -c, 'id -u; ls `$1', x, `$store.RealDirectory
`$store | Invoke-OverlayStore sh, -c, 'grep -o userxattr /proc/self/mounts; ls /nix/store; echo "`$NIX_CONFIG"' -Physical
"@
        $LASTEXITCODE | Should -Be 0
        $given | Should -HaveCount 11 -Because "$given"
        $given[0..1] | Should -Be "local?root=$($small.Root)&read-only=true", '0'
        $given | Should -Contain 'userxattr'
        $given[-2..-1] | Should -Be 'build-users-group =', "store = local-overlay://?lower-store=$([uri]::EscapeDataString($given[0]).Replace('%2F', '/'))&upper-layer=$own/ov/upper&remount-hook=$own/ov/remount.sh"
    }

    It 'Builds with real Nix' -Skip:(-not $nixToo) {
        Set-Content "$own/x.nix" 'derivation { name = "x"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo $foo > $out" ]; foo = builtins.toFile "foo" "bar"; }'
        $built = Invoke-AsNobody @"
`$store = New-OverlayStore '$($small.Root)' '$own/build' -PassThru
`$store | Invoke-OverlayStore $nix/nix234-build, --no-out-link, $own/x.nix -Physical 2> `$null
"@
        $LASTEXITCODE | Should -Be 0
        $file = "$own/build/upper/$(Split-Path -Leaf $built)"
        Get-Content $file | Should -BeLike '/nix/store/*-foo'
        stat -c %U $file | Should -Be nobody
    }

    It 'Cannot mount for all' {
        $given = Invoke-AsNobody @"
try { New-OverlayStore '$($small.Root)' '$own/all' -Mount } catch { `$_.FullyQualifiedErrorId }
"@
        $given | Should -Be 'OverlayNotPermitted,NixStore.PowerShell.Commands.NewOverlayStoreCommand'
    }

    It 'Says what refuses the user namespace' {
        # The limit is of the user namespace in which it is set, and of those in it.
        $script = "Import-Module '$manifest'; Invoke-OverlayStore true -Store '$TestDrive/ov' -ErrorAction SilentlyContinue -ErrorVariable failure; `$failure.FullyQualifiedErrorId; `$failure.Exception.Message"
        $given = unshare -Ur sh -c 'echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all --inh-caps=-all "$@"' x $shell @shellLibrary -NoProfile -NonInteractive -Command $script
        $given[0] | Should -Be 'UserNamespaceRefused,NixStore.PowerShell.Commands.InvokeOverlayStoreCommand'
        $given[1] | Should -BeLike '*user.max_user_namespaces is 0*'
    }
}
