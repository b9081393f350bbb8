BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    $noNix = -not (Test-Path $nixLab/nix/bin/nix234-store)
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/transfer.ps1
    $failed = 'NixStore.PowerShell.Commands.ImportStorePathCommand'
}

Describe 'Files' {
    BeforeEach {
        $place = New-Place
        $store = Join-Path $place store
        Set-Content -Path (Join-Path $place a.txt) -Value a -NoNewline
        Set-Content -Path (Join-Path $place b.txt) -Value b -NoNewline
    }

    It 'Become paths, one object each' {
        $paths = Import-StorePath (Join-Path $place *.txt) -Store $store
        $paths.Name | Should -Be 'a.txt', 'b.txt'
        $paths.State | Should -Be 'Valid', 'Valid'
        Get-Content -Raw $paths[0].RealPath | Should -Be 'a'
        (Get-StorePath -Store $store -CheckContents).Invalid | Should -Be $false, $false
    }

    It 'Come by pipeline, as objects and as text' {
        (Get-ChildItem $place -Filter *.txt | Import-StorePath -Store $store).Name | Should -Be 'a.txt', 'b.txt'
        ((Join-Path $place a.txt), (Join-Path $place b.txt) | Import-StorePath -Store $store).Name | Should -Be 'a.txt', 'b.txt'
    }

    It 'Count from the location, and [ ] in a literal path is itself' {
        Set-Content -LiteralPath (Join-Path $place '[x].txt') -Value x -NoNewline
        Push-Location $place
        try {
            (Import-StorePath -LiteralPath '[x].txt' -Name x -Store ./store).Name | Should -Be 'x'
        }
        finally {
            Pop-Location
        }
    }

    It 'Can be flat, and hashed with another algorithm' {
        $path = Import-StorePath (Join-Path $place a.txt) -Method Flat -HashAlgorithm Sha1 -Store $store
        "$($path.ContentAddress)" | Should -BeLike 'fixed:sha1:*'
    }

    It 'Have the paths of real Nix, which accepts the store' -Skip:$noNix {
        $ours = Import-StorePath (Join-Path $place a.txt) -Store $store
        $theirs = & $nixLab/nix/bin/nix234-store --store "local?root=$place/theirs" --add (Join-Path $place a.txt)
        $ours.Path | Should -Be $theirs
        Test-ByRealNix $store | Should -BeNullOrEmpty
    }

    It 'Change nothing with -WhatIf' {
        Import-StorePath (Join-Path $place a.txt) -Store $store -WhatIf | Should -BeNullOrEmpty
        Test-Path $store | Should -Be $false
    }

    It 'That are bad are one error each, and the others go on' {
        Set-Content (Join-Path $place 'c d.txt') c
        $paths = (Join-Path $place a.txt), (Join-Path $place absent), (Join-Path $place 'c d.txt'), (Join-Path $place b.txt) |
            Import-StorePath -Store $store -ErrorVariable failures -ErrorAction SilentlyContinue
        $paths.Name | Should -Be 'a.txt', 'b.txt'
        $failures.FullyQualifiedErrorId | Should -Be "PathNotFound,$failed", "InvalidStorePathName,$failed"
    }

    It 'That are given again are given as they are' {
        $first = Import-StorePath (Join-Path $place a.txt) -Store $store
        (Import-StorePath (Join-Path $place a.txt) -Store $store).RegistrationTime | Should -Be $first.RegistrationTime
    }
}

Describe 'NARs' {
    BeforeAll {
        $place = New-Place
        $source = New-LinkedStore (Join-Path $place source)
        $nar = Join-Path $place app.nar
        $source | Export-StorePath -Destination $nar
    }

    It 'Become sources without metadata' {
        $path = Import-StorePath -NarPath $nar -Store (New-Place)
        $path.Name | Should -Be 'app'
        "$($path.ContentAddress)" | Should -BeLike 'fixed:r:sha256:*'
        $path.NarHash | Should -Be $source.NarHash
    }

    It 'May be compressed' {
        & gzip -k $nar
        Rename-Item "$nar.gz" other.nar.gz
        (Import-StorePath -NarPath (Join-Path $place other.nar.gz) -Store (New-Place)).Name | Should -Be 'other'
    }

    It 'Become what the metadata says, when somebody vouches for it and the references are valid' {
        $store = New-Place
        { Import-StorePath -NarPath $nar -Metadata $source -TrustedPublicKey $public -Store $store -ErrorAction Stop } | Should -Throw -ErrorId "UntrustedPath,$failed"
        { Import-StorePath -NarPath $nar -Metadata $source -SkipSignatureCheck -Store $store -ErrorAction Stop } | Should -Throw -ErrorId "ReferenceNotValid,$failed"
        (Get-StorePath -Store $store).Count | Should -Be 0
    }

    It 'That are damaged or none are errors' {
        { Import-StorePath -NarPath (Join-Path $place absent.nar) -Store (New-Place) -ErrorAction Stop } | Should -Throw -ErrorId "NarFileNotFound,$failed"
        { Import-StorePath -NarPath $PSCommandPath -Name x -Store (New-Place) -ErrorAction Stop } | Should -Throw -ErrorId "NarBadMagic,$failed"
    }
}

Describe 'Sources' {
    BeforeAll {
        $place = New-Place
        $origin = Join-Path $place origin
        $app = New-LinkedStore $origin
        Get-StorePath -Store $origin | Add-StorePathSignature -SecretKeyPath $key
        $cache = Join-Path $place cache
        $app | Export-StorePath -BinaryCache $cache -WithClosure -Compression zstd
    }

    It 'Give paths with all they need: <_>' -ForEach 'cache', 'origin' {
        $store = New-Place
        $path = Import-StorePath -Source (Join-Path $place $_) -StorePath $app.Path -Store $store -TrustedPublicKey $public
        $path.Path | Should -Be $app.Path
        $path.Store | Should -Be "local?root=$store"
        $path.References | Should -Be $app.References
        (Get-StorePath -Store $store -CheckContents).State | Should -Be 'Valid', 'Valid'
    }

    It 'Are asked for what comes by pipeline' {
        ($app.Path, $app.References[0] | Import-StorePath -Source "file://$cache" -Store (New-Place) -TrustedPublicKey $public).Path | Sort-Object |
            Should -Be ($app.References[0], $app.Path | Sort-Object)
    }

    It 'Are not believed without a trusted key' {
        $store = New-Place
        Import-StorePath -Source $cache -StorePath $app.Path -Store $store -ErrorVariable failures -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        # Of what needs an untrusted path, that is said as well, or the other, whichever is noticed first.
        $failures.Count | Should -Be 2
        $failures[0].FullyQualifiedErrorId | Should -Be "UntrustedPath,$failed"
        $failures[0].CategoryInfo.Category | Should -Be 'SecurityError'
        (Import-StorePath -Source $cache -StorePath $app.Path -Store $store -SkipSignatureCheck).State | Should -Be 'Valid'
    }

    It 'Are not asked for references with -NoClosure' {
        { Import-StorePath -Source $cache -StorePath $app.Path -NoClosure -SkipSignatureCheck -Store (New-Place) -ErrorAction Stop } |
            Should -Throw -ErrorId "ReferenceNotValid,$failed"
    }

    It 'That lack a path, or are none, are errors' {
        { Import-StorePath -Source $cache -StorePath "/nix/store/$('z' * 32)-absent" -SkipSignatureCheck -Store (New-Place) -ErrorAction Stop } |
            Should -Throw -ErrorId "PathNotInSource,$failed"
        { Import-StorePath -Source "file://$place/none" -StorePath $app.Path -SkipSignatureCheck -Store (New-Place) -ErrorAction Stop } |
            Should -Throw -ErrorId "NotABinaryCache,$failed"
    }

    It 'With damaged contents leave nothing' {
        $damaged = Join-Path (New-Place) cache
        Copy-Item -Recurse $cache $damaged
        Get-ChildItem (Join-Path $damaged nar) | ForEach-Object { Set-Damage $_.FullName }
        $store = New-Place
        Import-StorePath -Source $damaged -StorePath $app.Path -Store $store -TrustedPublicKey $public -ErrorVariable failures -ErrorAction SilentlyContinue |
            Should -BeNullOrEmpty
        $failures.Count | Should -Be 2
        Get-ChildItem (Join-Path $store nix store) | Should -BeNullOrEmpty
    }

    It 'Change nothing with -WhatIf' {
        $store = Join-Path (New-Place) store
        Import-StorePath -Source $cache -StorePath $app.Path -Store $store -SkipSignatureCheck -WhatIf
        Test-Path $store | Should -Be $false
    }
}

Describe 'Ctrl+C' {
    It 'Ends at once and leaves nothing half done' {
        $place = New-Place
        $fifo = Join-Path $place slow.nar
        & mkfifo $fifo
        # A NAR that never comes: somebody has it open, and writes nothing.
        $holder = [Diagnostics.Process]::Start('/bin/sh', [string[]]('-c', "exec sleep infinity 3<>'$fifo'"))
        $shell = [powershell]::Create([Management.Automation.RunspaceMode]::NewRunspace)
        try {
            $null = $shell.AddScript("Import-Module '$manifest'; Import-StorePath -NarPath '$fifo' -Store '$place/store'")
            $run = $shell.BeginInvoke()
            Wait-Condition { $run.IsCompleted -or (Test-Path "$place/store/nix/store/tmp-*") }
            Test-Path "$place/store/nix/store/tmp-*" | Should -Be $true
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            $watch.Elapsed.TotalSeconds | Should -BeLessThan $soon
            (Get-NixStore -Store "$place/store").PathCount | Should -Be 0
        }
        finally {
            $holder.Kill()
            $shell.Dispose()
        }
    }
}
