BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $noNix = -not (Test-Path $nixLab/nix/bin/nix234-store)
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/transfer.ps1
    $failed = 'NixStore.PowerShell.Commands.ExportStorePathCommand'
    $store = New-Place
    $app = New-LinkedStore $store
}

Describe 'NAR files' {
    BeforeEach {
        $place = New-Place
    }

    It 'Have the registered hash' {
        $file = Join-Path $place app.nar
        $app | Export-StorePath -Destination $file | Should -BeNullOrEmpty
        (Get-FileHash $file).Hash | Should -Be $app.NarHash.ToBase16()
    }

    It 'Are one for each path in a directory' {
        $exported = Get-StorePath -Store $store | Export-StorePath -Destination $place -PassThru
        $exported.File | Sort-Object | Should -Be (Get-ChildItem $place).FullName
        $exported.Count | Should -Be 2
        $exported[0] | Should -BeOfType ([NixStore.StorePathExport])
    }

    It 'Are what real Nix dumps' -Skip:$noNix {
        $file = Join-Path $place app.nar
        $app | Export-StorePath -Destination $file
        & /bin/sh -c "'$nixLab/nix/bin/nix234-store' --dump '$($app.RealPath)' > '$place/theirs.nar'"
        (Get-FileHash $file).Hash | Should -Be (Get-FileHash (Join-Path $place theirs.nar)).Hash
    }

    It 'Are not replaced without -Force, and hold one path each' {
        $file = Join-Path $place app.nar
        Set-Content $file precious
        { $app | Export-StorePath -Destination $file -ErrorAction Stop } | Should -Throw -ErrorId "FileExists,$failed"
        Get-Content $file | Should -Be 'precious'
        $app | Export-StorePath -Destination $file -Force
        Get-StorePath -Store $store | Export-StorePath -Destination $file -Force -ErrorVariable failures -ErrorAction SilentlyContinue
        $failures.FullyQualifiedErrorId | Should -Be "DestinationNotDirectory,$failed"
    }

    It 'Never have damaged contents, unless they shall' {
        $damaged = New-LinkedStore (New-Place)
        Set-Damage $damaged.RealPath
        $file = Join-Path $place app.nar
        { $damaged | Export-StorePath -Destination $file -ErrorAction Stop } | Should -Throw -ErrorId "ContentsModified,$failed"
        Get-ChildItem $place | Should -BeNullOrEmpty
        $damaged | Export-StorePath -Destination $file -SkipContentsCheck
        Test-Path $file | Should -Be $true
    }

    It 'Are not written with -WhatIf' {
        $app | Export-StorePath -Destination $place -WhatIf
        Get-ChildItem $place | Should -BeNullOrEmpty
    }

    It 'Need a directory that exists' {
        { $app | Export-StorePath -Destination (Join-Path $place none x.nar) -ErrorAction Stop } | Should -Throw -ErrorId "ExportFailed,$failed"
    }
}

Describe 'Binary caches' {
    BeforeEach {
        $cache = Join-Path (New-Place) cache
    }

    It 'Get closures, signed: <_>' -ForEach 'none', 'xz', 'zstd', 'bzip2', 'gzip', 'br' {
        $exported = $app | Export-StorePath -BinaryCache $cache -WithClosure -Compression $_ -SecretKeyPath $key -PassThru
        $exported.Path | Should -Be $app.References[0], $app.Path
        $exported.Compression | Should -Be $_, $_
        $exported.Signatures.KeyName | Should -Be 'test-1', 'test-1'
        (Import-StorePath -Source $cache -StorePath $app.Path -Store (New-Place) -TrustedPublicKey $public).NarHash | Should -Be $app.NarHash
    }

    It 'Are used by real Nix, which checks the signatures' -Skip:$noNix {
        $app | Export-StorePath -BinaryCache $cache -WithClosure -Compression zstd -SecretKeyPath $key
        $root = New-Place
        $nix = "$nixLab/nix/bin/nix234"
        & $nix --extra-experimental-features nix-command copy --from "file://$cache" --to "local?root=$root" --option trusted-public-keys $public --option require-sigs true $app.Path 2>&1 | Out-Host
        $LASTEXITCODE | Should -Be 0
        (Get-StorePath -Store $root -CheckContents).State | Should -Be 'Valid', 'Valid'
        & $nix --extra-experimental-features nix-command copy --from "file://$cache" --to "local?root=$(New-Place)" --option trusted-public-keys '' --option require-sigs true $app.Path 2>&1 | Out-Null
        $LASTEXITCODE | Should -Not -Be 0
    }

    It 'Refuse a path whose references they lack' {
        { $app | Export-StorePath -BinaryCache $cache -ErrorAction Stop } | Should -Throw -ErrorId "ReferenceNotInCache,$failed"
        # In whatever order they come.
        $app.Path, $app.References[0] | Export-StorePath -Store $store -BinaryCache $cache -PassThru | Should -HaveCount 2
    }

    It 'Never get damaged contents, and what needs them stays out' {
        $root = New-Place
        $damaged = New-LinkedStore $root
        Set-Damage (Get-StorePath -Store $root '*lib*').RealPath
        $damaged | Export-StorePath -BinaryCache $cache -WithClosure -ErrorVariable failures -ErrorAction SilentlyContinue
        # Paths are exported side by side, and so are their errors.
        $failures.FullyQualifiedErrorId | Sort-Object | Should -Be "ContentsModified,$failed", "ReferenceNotValid,$failed"
        Get-ChildItem $cache -Filter *.narinfo | Should -BeNullOrEmpty
    }

    It 'Are left as they are where they have a path' {
        $app | Export-StorePath -BinaryCache $cache -WithClosure
        ($app | Export-StorePath -BinaryCache "file://$cache" -WithClosure -PassThru).WasThere | Should -Be $true, $true
    }

    It 'Are not made with -WhatIf' {
        $app | Export-StorePath -BinaryCache $cache -WithClosure -WhatIf
        Test-Path $cache | Should -Be $false
    }
}

Describe 'Parameters' {
    It 'That contradict each other are refused' {
        { $app | Export-StorePath } | Should -Throw -ErrorId "ParameterConflict,$failed"
        { $app | Export-StorePath -Destination x -BinaryCache y } | Should -Throw -ErrorId "ParameterConflict,$failed"
        { $app | Export-StorePath -Destination x -Compression xz } | Should -Throw -ErrorId "ParameterConflict,$failed"
        { $app | Export-StorePath -BinaryCache y -SkipContentsCheck } | Should -Throw -ErrorId "ParameterConflict,$failed"
        { $app | Export-StorePath -BinaryCache y -CompressionLevel 20 } | Should -Throw -ErrorId "ParameterArgumentValidationError,$failed"
    }

    It 'Name paths with wildcards, and what is not there is an error' {
        (Export-StorePath '*-app-1.0' -Store $store -Destination (New-Place) -PassThru).Path | Should -Be $app.Path
        { Export-StorePath '*-none' -Store $store -Destination (New-Place) -ErrorAction Stop } | Should -Throw -ErrorId "StorePathNotFound,$failed"
    }
}
