BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/overlays.ps1
    . $PSScriptRoot/stores.ps1
    Import-Module $manifest
    $obstacle = Get-OverlayObstacle
    $nixToo = -not $obstacle -and -not (Get-LabObstacle)
    $formats = [enum]::GetNames([NixStore.OverlayConfigurationFormat]) | ForEach-Object { @{ format = $_ } }
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

Describe 'ConvertTo-OverlayStoreConfiguration' -Skip:($obstacle) {
    It 'Gives one text for <format>, the same by pipeline, URL and directory' -ForEach $formats {
        $text = $overlay | ConvertTo-OverlayStoreConfiguration -As $format
        $text | Should -BeOfType string
        $text | Should -HaveCount 1
        $text | Should -BeLike '*check-mount*'
        $text | Should -Not -Match '\n$'
        ConvertTo-OverlayStoreConfiguration $format -Store $overlay.Store | Should -Be $text
        ConvertTo-OverlayStoreConfiguration $format -Store "$TestDrive/ov" | Should -Be $text
    }

    It 'Takes several stores' {
        $overlay, $overlay | ConvertTo-OverlayStoreConfiguration Fstab | Should -HaveCount 2
    }

    It 'Changes nothing' {
        $before = Get-ChildItem -Recurse $TestDrive/ov | Select-Object FullName, LastWriteTimeUtc, Length | Out-String
        $null = [enum]::GetNames([NixStore.OverlayConfigurationFormat]) | ForEach-Object { $overlay | ConvertTo-OverlayStoreConfiguration $_ }
        Get-ChildItem -Recurse $TestDrive/ov | Select-Object FullName, LastWriteTimeUtc, Length | Out-String | Should -Be $before
    }

    It 'Gives two units for a store that is made with -Physical' {
        $physical = New-OverlayStore $small.Root "$TestDrive/physical" -Physical -PassThru
        $units = $physical | ConvertTo-OverlayStoreConfiguration SystemdMount
        $units | Should -HaveCount 2
        ($units | ForEach-Object { ($_ -split "`n")[0] }) | Should -Be '# /etc/systemd/system/nix.mount', '# /etc/systemd/system/nix-store.mount'
        $units[0] | Should -BeLike "*What=$TestDrive/physical/nix*"
        $physical | ConvertTo-OverlayStoreConfiguration Docker -Path "$TestDrive/elsewhere/" | Should -BeLike "*source=$TestDrive/elsewhere/nix,target=/nix,*"
    }

    It 'Names image and user in what is for containers' {
        $overlay | ConvertTo-OverlayStoreConfiguration Docker -Image example/tools -UserId 12 | Should -BeLike '*--user 12:12*example/tools "$@"'
        $overlay | ConvertTo-OverlayStoreConfiguration Kubernetes -Image example/tools -UserId 12 | Should -BeLike '*"example/tools"*runAsUser: 12*'
    }

    It 'Refuses a store that is none' {
        { ConvertTo-OverlayStoreConfiguration NixConf -Store $small.Root -ErrorAction Stop } | Should -Throw -ErrorId 'NotAnOverlayStore,*'
    }

    It 'Refuses what a format cannot say' {
        { $overlay | ConvertTo-OverlayStoreConfiguration Docker -Image "a`nb" -ErrorAction Stop } | Should -Throw -ErrorId 'OverlayNotExpressible,*'
    }

    It 'Goes on with the next store after an error' {
        $unknown = "local-overlay://?root=$TestDrive/none&lower-store=$($small.Root)&upper-layer=$TestDrive/none/upper"
        $given = [pscustomobject]@{ Store = $unknown }, [pscustomobject]@{ Store = $overlay.Store } |
            ConvertTo-OverlayStoreConfiguration Fstab -ErrorAction SilentlyContinue -ErrorVariable problems
        $given | Should -HaveCount 1
        $problems.FullyQualifiedErrorId | Should -BeLike 'OverlayWorkDirectoryUnknown,*'
    }

    It 'Completes formats' {
        $line = 'ConvertTo-OverlayStoreConfiguration -As Kub'
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'Kubernetes'
    }
}

Describe 'What ConvertTo-OverlayStoreConfiguration gives' -Skip:(-not $nixToo) {
    It 'Is sourced by a shell, and Nix adds to the upper layer' {
        Mount-OverlayStore $overlay.Store
        $overlay | ConvertTo-OverlayStoreConfiguration Environment | Set-Content $TestDrive/environment
        Set-Content $TestDrive/new 'new'
        $added = env -u NIX_REMOTE -u NIX_CONFIG sh -euc '. "$0"; exec "$1" --add "$2"' "$TestDrive/environment" "$nix/nix234-store" "$TestDrive/new"
        $LASTEXITCODE | Should -Be 0
        "$TestDrive/ov/upper/$(Split-Path -Leaf $added)" | Should -Exist
    }
}
