BeforeAll {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/transfer.ps1
    $failed = 'NixStore.PowerShell.Commands.GetBinaryCachePathCommand'
    $store = New-Place
    $app = New-LinkedStore $store
    $cache = Join-Path (New-Place) 'my cache'
    $app | Export-StorePath -BinaryCache $cache -WithClosure -Compression zstd -SecretKeyPath $key
}

Describe 'Get-BinaryCachePath' {
    It 'Gives all paths of a directory, sorted' {
        $paths = Get-BinaryCachePath $cache
        $paths | Should -BeOfType ([NixStore.BinaryCachePath])
        $paths.Name | Should -Be 'lib-1.0', 'app-1.0'
        $paths[1].Path | Should -Be $app.Path
        $paths[1].References | Should -Be $app.References
        $paths[1].NarHash | Should -Be $app.NarHash
        $paths[1].Signatures.KeyName | Should -Be 'test-1'
        $paths[1].Compression | Should -Be 'zstd'
    }

    It 'Gives single ones by full path, base name and hash part' {
        (Get-BinaryCachePath $cache $app.Path).Path | Should -Be $app.Path
        (Get-BinaryCachePath $cache (Split-Path -Leaf $app.Path)).Path | Should -Be $app.Path
        (Get-BinaryCachePath $cache -HashPart $app.HashPart).Path | Should -Be $app.Path
    }

    It 'Says which cache has the paths of a store' {
        $found = Get-StorePath -Store $store | Get-BinaryCachePath -BinaryCache $cache
        $found.Count | Should -Be 2
    }

    It 'Gives addresses that open the cache again' {
        (Get-BinaryCachePath $cache)[0].BinaryCache | Should -Match '^file:///.*my%20cache$'
        (Get-BinaryCachePath $cache | Get-BinaryCachePath).Count | Should -Be 2
    }

    It 'Makes an error record of each path that is not there, and goes on' {
        $found = "$('2' * 32)-nothing", $app.Path, 'nonsense' | Get-BinaryCachePath $cache -ErrorVariable failures -ErrorAction SilentlyContinue
        $found.Path | Should -Be $app.Path
        $failures.FullyQualifiedErrorId | Sort-Object | Should -Be "InvalidStorePath,$failed", "PathNotInCache,$failed"
    }

    It 'Makes an error record of a narinfo that cannot be read' {
        $bad = New-Place
        Copy-Item -Recurse "$cache/*" $bad
        Set-Content (Join-Path $bad "$($app.HashPart).narinfo") 'StorePath: nonsense'
        $found = Get-BinaryCachePath $bad -ErrorVariable failures -ErrorAction SilentlyContinue
        $found.Name | Should -Be 'lib-1.0'
        $failures.FullyQualifiedErrorId | Should -Be "NarInfoCorrupt,$failed"
    }

    It 'Says so when there is no cache' {
        { Get-BinaryCachePath (New-Place) -ErrorAction Stop } | Should -Throw -ErrorId "NotABinaryCache,$failed"
        { Get-BinaryCachePath 'ssh://host' -ErrorAction Stop } | Should -Throw -ErrorId "UnknownBinaryCacheScheme,$failed"
    }

    It 'Brings paths into a store' {
        $other = New-Place
        $import = Get-BinaryCachePath $cache $app.Path | Import-StorePath -Source $cache -Store $other -TrustedPublicKey $public
        $import.Path | Should -Be $app.Path
    }

    It 'Completes addresses' {
        $line = 'Get-BinaryCachePath s3'
        [Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.ListItemText | Should -Contain 's3://'
    }

    It 'Has a view' {
        Get-BinaryCachePath $cache | Out-String | Should -Match 'zstd +test-1 +/nix/store/'
    }
}
