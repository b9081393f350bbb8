BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/transfer.ps1
    $failed = 'NixStore.PowerShell.Commands.TestBinaryCacheCommand'
    $store = New-Place
    $app = New-LinkedStore $store
}

Describe 'Test-BinaryCache' {
    BeforeEach {
        $cache = New-Place
        $app | Export-StorePath -BinaryCache "file://${cache}?write-nar-listing=true" -WithClosure -Compression xz -SecretKeyPath $key
        $nar = Join-Path $cache (Get-BinaryCachePath $cache $app.Path).Url
    }

    It 'Has nothing to say of a cache that is whole' {
        Test-BinaryCache $cache -CheckContents -TrustedPublicKey $public | Should -BeNullOrEmpty
        Test-BinaryCache $cache -Quiet | Should -Be $true
    }

    It 'Finds what is missing' {
        Remove-Item $nar
        $finding = Test-BinaryCache $cache
        $finding | Should -BeOfType ([NixStore.BinaryCacheFinding])
        $finding.Kind | Should -Be 'NarMissing'
        $finding.Severity | Should -Be 'Error'
        $finding.Path | Should -Be $app.Path
        Test-BinaryCache $cache -Quiet | Should -Be $false
    }

    It 'Reads contents when it shall' {
        Set-Damage $nar
        Test-BinaryCache $cache | Should -BeNullOrEmpty
        (Test-BinaryCache $cache -CheckContents).Kind | Should -Be 'NarDamaged'
    }

    It 'Finds what nobody needs, and waits for uploads' {
        Set-Content (Join-Path $cache nar/extra.nar) abc -NoNewline
        $finding = Test-BinaryCache $cache
        $finding.Kind, $finding.Severity, $finding.Size | Should -Be 'NarUnreferenced', 'Information', 3
        (Test-BinaryCache $cache -UploadTime 0s).Severity | Should -Be 'Warning'
        Test-BinaryCache $cache -Quiet | Should -Be $true
    }

    It 'Examines closures of what is piped' {
        Remove-Item (Join-Path $cache "$('0' * 32).narinfo")
        (Get-StorePath $app.Path -Store $store | Test-BinaryCache $cache).Kind | Should -Be 'ReferenceMissing'
        ('0' * 32 | Test-BinaryCache $cache).Kind | Should -Be 'PathMissing'
    }

    It 'Tells who has not signed' {
        (Test-BinaryCache $cache -TrustedPublicKey 'cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=').Kind | Should -Be 'SignatureMissing', 'SignatureMissing'
        { Test-BinaryCache $cache -TrustedPublicKey nonsense } | Should -Throw -ErrorId "InvalidPublicKey,$failed"
    }

    It 'Leads to what repairs it' {
        Set-Damage $nar
        Test-BinaryCache $cache -CheckContents | Where-Object Kind -EQ NarDamaged | ForEach-Object { Remove-Item (Join-Path $cache $_.File); Export-StorePath $_.Path -Store $store -BinaryCache $cache }
        Test-BinaryCache $cache -CheckContents | Should -BeNullOrEmpty
    }

    It 'Changes nothing' {
        $before = Get-ChildItem $cache -Recurse | Select-Object FullName, LastWriteTimeUtc, Length | Out-String
        Test-BinaryCache $cache -CheckContents
        Get-ChildItem $cache -Recurse | Select-Object FullName, LastWriteTimeUtc, Length | Out-String | Should -Be $before
    }

    It 'Has a view' {
        Remove-Item $nar
        Test-BinaryCache $cache | Out-String | Should -Match 'Error +NarMissing +/nix/store/1+-app-1.0: the file'
    }
}
