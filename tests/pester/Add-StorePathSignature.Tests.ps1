BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $noNix = -not (Test-Path $nixLab/nix/bin/nix234-store)
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/transfer.ps1
    $failed = 'NixStore.PowerShell.Commands.AddStorePathSignatureCommand'
}

Describe 'Add-StorePathSignature' {
    BeforeEach {
        $store = New-Place
        $app = New-LinkedStore $store
    }

    It 'Signs, and gives the signed path when asked' {
        $app | Add-StorePathSignature -SecretKeyPath $key | Should -BeNullOrEmpty
        (Get-StorePath -Store $store -LiteralPath $app.Path).Signatures.KeyName | Should -Be 'test-1'
        ($app | Add-StorePathSignature -SecretKeyPath $key -PassThru).Signatures | Should -HaveCount 1
        $app | Test-StorePath -TrustedPublicKey $public | Should -Be $true
    }

    It 'Gives the new signature with -PassThru' {
        ($app | Add-StorePathSignature -SecretKeyPath $key -PassThru).Signatures.KeyName | Should -Be 'test-1'
    }

    It 'Signs as real Nix does' -Skip:$noNix {
        $ours = $app | Add-StorePathSignature -SecretKeyPath $key -PassThru
        $theirs = New-LinkedStore (New-Place)
        & $nixLab/nix/bin/nix234 --extra-experimental-features nix-command store sign --store $theirs.Store -k $key $theirs.Path
        "$((Get-StorePath -Store $theirs.Store -LiteralPath $theirs.Path).Signatures)" | Should -Be "$($ours.Signatures)"
    }

    It 'Does not vouch for damage, unless it shall believe the database' {
        Set-Damage $app.RealPath
        { $app | Add-StorePathSignature -SecretKeyPath $key -ErrorAction Stop } | Should -Throw -ErrorId "ContentsModified,$failed"
        (Get-StorePath -Store $store -LiteralPath $app.Path).Signatures | Should -BeNullOrEmpty
        $app | Add-StorePathSignature -SecretKeyPath $key -SkipContentsCheck
        (Get-StorePath -Store $store -LiteralPath $app.Path).Signatures | Should -HaveCount 1
    }

    It 'Goes on after an error' {
        Set-Damage $app.RealPath
        Get-StorePath -Store $store | Add-StorePathSignature -SecretKeyPath $key -ErrorVariable failures -ErrorAction SilentlyContinue
        $failures.FullyQualifiedErrorId | Should -Be "ContentsModified,$failed"
        (Get-StorePath -Store $store '*lib*').Signatures | Should -HaveCount 1
    }

    It 'Changes nothing with -WhatIf' {
        $app | Add-StorePathSignature -SecretKeyPath $key -WhatIf
        (Get-StorePath -Store $store -LiteralPath $app.Path).Signatures | Should -BeNullOrEmpty
    }

    It 'Wants a key that is one' {
        { $app | Add-StorePathSignature -SecretKeyPath (Join-Path $TestDrive none) } | Should -Throw -ErrorId "SecretKeyNotFound,$failed"
        { $app | Add-StorePathSignature -SecretKeyPath $PSCommandPath } | Should -Throw -ErrorId "InvalidSecretKey,$failed"
    }
}
