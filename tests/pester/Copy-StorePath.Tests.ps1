BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $noNix = -not (Test-Path $nixLab/nix/bin/nix234-store)
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/transfer.ps1
    $failed = 'NixStore.PowerShell.Commands.CopyStorePathCommand'
    $store = New-Place
    $app = New-LinkedStore $store
}

Describe 'Copy-StorePath' {
    BeforeEach {
        $destination = Join-Path (New-Place) store
    }

    It 'Copies with all that is needed, and gives what was named when asked' {
        $app | Copy-StorePath -Destination $destination -SkipSignatureCheck | Should -BeNullOrEmpty
        $copied = $app | Copy-StorePath -Destination $destination -SkipSignatureCheck -PassThru
        $copied.Path | Should -Be $app.Path
        $copied.Store | Should -Be "local?root=$destination"
        (Get-StorePath -Store $destination -CheckContents).State | Should -Be 'Valid', 'Valid'
    }

    It 'Makes a store that real Nix accepts' -Skip:$noNix {
        $app | Copy-StorePath -Destination $destination -SkipSignatureCheck
        Test-ByRealNix $destination | Should -BeNullOrEmpty
    }

    It 'Wants signatures' {
        { $app | Copy-StorePath -Destination $destination -TrustedPublicKey $public -ErrorAction Stop } | Should -Throw -ErrorId "UntrustedPath,$failed"
        $signed = New-LinkedStore (New-Place)
        Get-StorePath -Store $signed.Store | Add-StorePathSignature -SecretKeyPath $key
        ($signed | Copy-StorePath -Destination $destination -TrustedPublicKey $public -PassThru).Signatures.KeyName | Should -Be 'test-1'
    }

    It 'Does not copy damage, nor what needs it' {
        $root = New-Place
        $damaged = New-LinkedStore $root
        Set-Damage (Get-StorePath -Store $root '*lib*').RealPath
        $damaged | Copy-StorePath -Destination $destination -SkipSignatureCheck -ErrorVariable failures -ErrorAction SilentlyContinue
        $failures.FullyQualifiedErrorId | Should -Be "NarHashMismatch,$failed", "ReferenceNotValid,$failed"
        Get-ChildItem (Join-Path $destination nix store) | Should -BeNullOrEmpty
    }

    It 'Copies one path alone with -NoClosure' {
        { $app | Copy-StorePath -Destination $destination -SkipSignatureCheck -NoClosure -ErrorAction Stop } | Should -Throw -ErrorId "ReferenceNotValid,$failed"
        Get-StorePath -Store $store | Copy-StorePath -Destination $destination -SkipSignatureCheck -NoClosure
        (Get-NixStore -Store $destination).PathCount | Should -Be 2
    }

    It 'Changes nothing with -WhatIf' {
        $app | Copy-StorePath -Destination $destination -SkipSignatureCheck -WhatIf
        Test-Path $destination | Should -Be $false
    }

    It 'Refuses stores for other paths, and read-only ones' {
        { $app | Copy-StorePath -Destination "local?store=/other/store&real=$TestDrive/o&state=$TestDrive/s" -SkipSignatureCheck -ErrorAction Stop } |
            Should -Throw -ErrorId "StoreDirectoryMismatch,$failed"
        { $app | Copy-StorePath -Destination "local?root=$store&read-only=true" -SkipSignatureCheck -ErrorAction Stop } |
            Should -Throw -ErrorId "StoreReadOnly,$failed"
        { $app | Copy-StorePath -Destination 'ssh://host' -SkipSignatureCheck -ErrorAction Stop } | Should -Throw -ErrorId "StoreNotLocal,$failed"
    }

    It 'Takes a directory relative to the location' {
        Push-Location (New-Place)
        try {
            $app | Copy-StorePath -Destination ./here -SkipSignatureCheck
            Test-Path ./here/nix/store | Should -Be $true
        }
        finally {
            Pop-Location
        }
    }
}
