BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/stores.ps1
    $obstacle = Get-LabObstacle
    if ($obstacle) { Write-Warning "${obstacle}: tests of Get-StorePath on stores of real Nix skip" }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1
    $small = New-SmallStore (Join-Path $TestDrive small) 'alpha', 'beta-1.0', 'what?=x', 'whatZ=x'
    $other = New-SmallStore (Join-Path $TestDrive other) 'alpha', 'omega'
    $s = @{ Store = $small.Root }
}

Describe 'Get-StorePath without a path' {
    It 'Lists all paths in the order of registration' {
        (Get-StorePath @s).Name | Should -Be 'alpha', 'beta-1.0', 'what?=x', 'whatZ=x'
    }

    It 'Gives what is registered' {
        $path = Get-StorePath *-beta-1.0 @s
        $path.Store | Should -Be $small.Url
        $path.Path | Should -Be $small.PathOf('beta-1.0')
        $path.RealPath | Should -Be $small.RealPathOf('beta-1.0')
        $path.References | Should -Be $small.PathOf('alpha')
        $path.State | Should -Be 'Valid'
        $path.Invalid | Should -BeFalse
        $path.ContentsChecked | Should -BeFalse
        $path.NarHash.ToString() | Should -BeLike 'sha256:*'
        $path.RegistrationTime.ToUnixTimeSeconds() | Should -Be 1700000000
    }

    It 'Lists what is not registered only when asked to' {
        $extra = New-SmallStore (Join-Path $TestDrive extra) 'alpha'
        $null = New-Item (Join-Path $extra.Root nix store aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-stray), (Join-Path $extra.Root nix store x.lock)
        (Get-StorePath -Store $extra.Root).Name | Should -Be 'alpha'
        $all = Get-StorePath -Store $extra.Root -IncludeUnregistered
        ($all | Where-Object State -EQ Unregistered).Name | Should -Be 'stray', 'x.lock'
        $all.Invalid | Should -Not -Contain $true
        (Get-StorePath '*stray' -Store $extra.Root -IncludeUnregistered).State | Should -Be 'Unregistered'
        (Get-StorePath -Store $extra.Root -IncludeUnregistered -CheckContents).Count | Should -Be 3
        (Get-StorePath -LiteralPath aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-stray -Store $extra.Root -IncludeUnregistered).State | Should -Be 'Unregistered'
        { Get-StorePath -LiteralPath aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-stray -Store $extra.Root -ErrorAction Stop } |
            Should -Throw -ErrorId 'StorePathNotFound,NixStore.PowerShell.Commands.GetStorePathCommand'
    }
}

Describe 'Get-StorePath -Path' {
    It 'Finds <what>' -ForEach @(
        @{ what = 'a base name'; text = { Split-Path -Leaf $small.PathOf('alpha') } }
        @{ what = 'a full path'; text = { $small.PathOf('alpha') } }
        @{ what = 'a full path with a slash behind'; text = { $small.PathOf('alpha') + '/' } }
        @{ what = 'a real path'; text = { $small.RealPathOf('alpha') } }
        @{ what = 'a path inside'; text = { $small.PathOf('alpha') + '/bin/x' } }
        @{ what = 'a real path inside'; text = { $small.RealPathOf('alpha') + '/bin/x' } }
        @{ what = 'a wildcard of base names'; text = { '*-alpha' } }
        @{ what = 'a wildcard of full paths'; text = { '/nix/store/*-al[p]ha' } }
        @{ what = 'a wildcard of real paths'; text = { "$($small.Root)/nix/store/*-alph?" } }
        @{ what = 'a link'; text = { New-Item -Force -ItemType SymbolicLink (Join-Path $TestDrive link) -Target $small.PathOf('alpha') | ForEach-Object FullName } }
        @{ what = 'what is behind links'; text = {
                $null = New-Item -Force -ItemType SymbolicLink (Join-Path $TestDrive one) -Target $small.PathOf('alpha')
                $null = New-Item -Force -ItemType SymbolicLink (Join-Path $TestDrive two) -Target 'one'
                "$TestDrive/two/share/x"
            }
        }
    ) {
        (Get-StorePath (& $text) @s).Name | Should -Be 'alpha'
    }

    It 'Takes links relative to the location' {
        $null = New-Item -Force -ItemType SymbolicLink (Join-Path $TestDrive result) -Target $small.PathOf('alpha')
        Push-Location $TestDrive
        try { (Get-StorePath ./result @s).Name | Should -Be 'alpha' } finally { Pop-Location }
    }

    It 'Takes several' {
        (Get-StorePath *-beta*, $small.PathOf('alpha') @s).Name | Sort-Object | Should -Be 'alpha', 'beta-1.0'
    }

    It 'Tells upper from lower case' {
        Get-StorePath *-ALPHA @s | Should -BeNullOrEmpty
    }

    It 'Takes a question mark for a wildcard, and -LiteralPath does not' {
        (Get-StorePath '*-what?=x' @s).Name | Should -Be 'what?=x', 'whatZ=x'
        (Get-StorePath -LiteralPath $small.PathOf('what?=x') @s).Name | Should -Be 'what?=x'
    }

    It 'Says nothing of wildcards that match nothing' {
        Get-StorePath *-nothing @s -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'Is an error for <text>' -ForEach @(
        @{ text = '/nix/store/00000000000000000000000000000000-x'; id = 'StorePathNotFound'; category = 'ObjectNotFound' }
        @{ text = '00000000000000000000000000000000-x'; id = 'StorePathNotFound'; category = 'ObjectNotFound' }
        @{ text = 'nonsense'; id = 'InvalidStorePath'; category = 'InvalidArgument' }
        @{ text = '/etc/passwd'; id = 'NotInStoreDirectory'; category = 'InvalidArgument' }
    ) {
        $found = Get-StorePath $text, *-alpha @s -ErrorVariable failure -ErrorAction SilentlyContinue
        $found.Name | Should -Be 'alpha' -Because 'the others go on'
        $failure.FullyQualifiedErrorId | Should -Be "$id,NixStore.PowerShell.Commands.GetStorePathCommand"
        $failure.CategoryInfo.Category | Should -Be $category
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }
}

Describe 'Get-StorePath -HashPart' {
    It 'Finds the path' {
        (Get-StorePath -HashPart (Get-StorePath *-alpha @s).HashPart @s).Name | Should -Be 'alpha'
    }

    It 'Is an error when there is none' {
        { Get-StorePath -HashPart ('0' * 32) @s -ErrorAction Stop } | Should -Throw -ErrorId 'StorePathNotFound,*'
    }

    It 'Refuses what is none' {
        { Get-StorePath -HashPart 'e' @s } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }
}

Describe 'The pipeline of Get-StorePath' {
    It 'Takes strings as patterns' {
        ('*-alpha', '*-beta*' | Get-StorePath @s).Name | Should -Be 'alpha', 'beta-1.0'
    }

    It 'Takes its own objects literally, and in their own store' {
        $again = Get-StorePath @s | Get-StorePath
        $again.Name | Should -Be 'alpha', 'beta-1.0', 'what?=x', 'whatZ=x'
        $again.Store | Sort-Object -Unique | Should -Be $small.Url
        $both = @(Get-StorePath *-alpha @s) + @(Get-StorePath *-alpha -Store $other.Root) | Get-StorePath
        $both.Store | Should -Be $small.Url, $other.Url
    }

    It 'Takes objects by position literally as well' {
        (Get-StorePath (Get-StorePath -LiteralPath $small.PathOf('what?=x') @s) @s).Name | Should -Be 'what?=x'
    }

    It 'Takes objects that were stored' {
        Get-StorePath @s | Export-Clixml (Join-Path $TestDrive paths.xml)
        $again = Import-Clixml (Join-Path $TestDrive paths.xml) | Get-StorePath
        $again.Name | Should -Be 'alpha', 'beta-1.0', 'what?=x', 'whatZ=x'
        $again.Store | Sort-Object -Unique | Should -Be $small.Url
    }

    It 'Takes files' {
        (Get-ChildItem (Join-Path $small.Root nix store) -Exclude .links | Get-StorePath @s).Count | Should -Be 4
    }

    It 'Takes a store as all of its paths' {
        ($small.Root, $other.Root | Get-NixStore | Get-StorePath).Name | Should -Be 'alpha', 'beta-1.0', 'what?=x', 'whatZ=x', 'alpha', 'omega'
    }

    It 'Reads single paths side by side, and gives them in their order' {
        $paths = 1..50 | ForEach-Object { Get-StorePath @s }
        $read = $paths | Get-StorePath -CheckContents
        $read.Path | Should -Be $paths.Path
        $read.ContentsChecked | Should -Not -Contain $false
        @($paths | Get-StorePath -CheckContents | Select-Object -First 1).Count | Should -Be 1
    }

    It 'Works in parallel' {
        $root = $small.Root
        $counts = 1..4 | ForEach-Object -Parallel {
            Import-Module $using:manifest
            (Get-StorePath -Store $using:root -CheckContents | Where-Object State -EQ Valid).Count
        }
        $counts | Should -Be 4, 4, 4, 4
    }
}

Describe 'Get-StorePath and damage' {
    BeforeEach {
        $damaged = New-SmallStore (Join-Path $TestDrive ([guid]::NewGuid())) 'one', 'two', 'three'
        $d = @{ Store = $damaged.Root }
    }

    It 'Finds a missing path without reading any' {
        Remove-Item -Force $damaged.RealPathOf('two')
        $path = Get-StorePath @d | Where-Object Invalid
        $path.Name | Should -Be 'two'
        $path.State | Should -Be 'Missing'
        $path.Problems.Kind | Should -Be 'Missing'
        (Get-StorePath -LiteralPath $damaged.PathOf('two') @d).State | Should -Be 'Missing'
        (Get-StorePath @d -CheckContents | Where-Object Invalid).State | Should -Be 'Missing'
    }

    It 'Finds changed contents when it reads them' {
        chmod u+w $damaged.RealPathOf('two')
        Set-Content $damaged.RealPathOf('two') 'zwei'
        (Get-StorePath @d).Invalid | Should -Not -Contain $true
        foreach ($path in (Get-StorePath @d -CheckContents | Where-Object Invalid), (Get-StorePath *-two @d -CheckContents),
            (Get-StorePath -LiteralPath $damaged.PathOf('two') @d -CheckContents), ('*-two' | Get-StorePath @d -CheckContents -ThrottleLimit 1)) {
            $path.Name | Should -Be 'two'
            $path.State | Should -Be 'Corrupt'
            $path.ContentsChecked | Should -BeTrue
            $path.Problems.Kind | Should -Contain 'HashMismatch'
            $path.Problems.Kind | Should -Contain 'Mode'
        }
    }

    It 'Lists malformed rows as objects, which bind as any other' {
        Invoke-StoreSql $damaged.Root "update ValidPaths set hash = 'sha256:zz' where path like '%-one'; update ValidPaths set path = '/nix/store/nonsense' where path like '%-three'"
        $paths = Get-StorePath @d
        $paths.State | Should -Be 'Malformed', 'Valid', 'Malformed'
        $paths[0].NarHash | Should -BeNullOrEmpty
        ($paths | Get-StorePath).Path | Should -Be $paths.Path
        ($paths | Get-StorePath -CheckContents).State | Should -Be 'Malformed', 'Valid', 'Malformed'
    }

    It 'Takes an empty store directory for one that is not mounted, until told otherwise (<how>)' -ForEach @(
        @{ how = 'listed'; parameters = @{} }
        @{ how = 'read'; parameters = @{ CheckContents = $true } }
        @{ how = 'by wildcard'; parameters = @{ Path = '*' } }
    ) {
        Remove-Item -Force (Join-Path $damaged.Root nix store *)
        { Get-StorePath @d @parameters } | Should -Throw -ErrorId 'StoreDirectoryEmpty,NixStore.PowerShell.Commands.GetStorePathCommand'
        (Get-StorePath @d @parameters -Force).State | Should -Be 'Missing', 'Missing', 'Missing'
    }

    It 'Asks the same of single paths' {
        $paths = Get-StorePath @d
        Remove-Item -Force (Join-Path $damaged.Root nix store *)
        { $paths | Get-StorePath } | Should -Throw -ErrorId 'StoreDirectoryEmpty,*'
        ($paths | Get-StorePath -Force).Count | Should -Be 3
    }

    It 'Is one error when there is no store' {
        { Get-StorePath -Store (Join-Path $TestDrive nowhere) -ErrorAction Stop } | Should -Throw -ErrorId 'DatabaseNotFound,*'
    }

    It 'Leaves no trace in the store' {
        $before = find $damaged.Root -printf '%p %i %m %T@ %C@ %A@\n' | Sort-Object
        $null = Get-StorePath @d -CheckContents; $null = Get-StorePath @d -IncludeUnregistered; $null = Get-StorePath @d | Test-StorePath
        $null = Get-StoreClosure * @d; $null = Get-NixStore @d
        find $damaged.Root -not -type d -printf '%p %i %m %T@ %C@ %A@\n' | Sort-Object | Should -Be ($before | Where-Object { -not (Test-Path -PathType Container ($_ -split ' ')[0]) })
        (find $damaged.Root | Sort-Object) | Should -Be ($before | ForEach-Object { ($_ -split ' ')[0] } | Sort-Object)
    }
}

Describe 'Get-StorePath on a large store' {
    BeforeAll {
        $large = New-SmallStore (Join-Path $TestDrive large) 'first'
        Invoke-StoreSql $large.Root "with recursive n(i) as (select 2 union all select i + 1 from n where i < 30000) insert into ValidPaths(path, hash, registrationTime, narSize) select '/nix/store/' || printf('%032d', i) || '-number-' || i, 'sha256:' || printf('%064d', i), 1700000000, i from n"

        # One that can't be read to its end: whoever tries has an error, and not what there is before it.
        $endless = Join-Path $TestDrive endless
        cp -a $large.Root $endless
        $database = "$endless/nix/var/nix/db/db.sqlite"
        $page, $size = (sqlite3 $database "select pageno, pgsize from dbstat where name = 'ValidPaths' and pagetype = 'leaf' order by path desc limit 1") -split '\|'
        dd if=/dev/zero of=$database bs=$size count=1 seek=$($page - 1) conv=notrunc status=none
    }

    It 'Streams: the first objects come before the last is read, and end the listing' {
        { Get-StorePath -Store $endless -ErrorAction Stop } | Should -Throw -ErrorId 'DatabaseMalformed,*'
        Get-StorePath -Store $endless -ErrorAction Stop | Select-Object -First 5 | Should -HaveCount 5
    }

    It 'Stops at once with Ctrl+C' {
        (Measure-StoreStop "Get-StorePath -Store '$($large.Root)' | ForEach-Object { `$_; Start-Sleep -Milliseconds 50 }").TotalSeconds | Should -BeLessThan $soon
    }

    It 'Lists what others add and change meanwhile' {
        $count = 0
        $paths = Get-StorePath -Store $large.Root | ForEach-Object {
            if (++$count % 10000 -eq 0) {
                Invoke-StoreSql $large.Root "update ValidPaths set registrationTime = registrationTime + 1; insert into ValidPaths(path, hash, registrationTime, narSize) values('/nix/store/$('z' * 32)-new-$count', 'sha256:00', 1, 1)"
            }
            $_
        } -ErrorVariable failure
        $failure | Should -BeNullOrEmpty
        $paths.Count | Should -BeGreaterOrEqual 30000
    }

    It 'Shows progress when it reads, and clears it' {
        $shell = [powershell]::Create([Management.Automation.RunspaceMode]::NewRunspace)
        try {
            $null = $shell.AddScript("Import-Module '$manifest'; Get-StorePath -Store '$($large.Root)' -CheckContents -Force | ForEach-Object { if (-not (`$i++ % 100)) { Start-Sleep -Milliseconds 10 } }")
            $null = $shell.Invoke()
            $records = $shell.Streams.Progress.Where{ $_.Activity -eq 'Verifying store paths' }
            $records.Count | Should -BeGreaterThan 1
            $records[0].StatusDescription | Should -Match '^\d+ of \d+ paths, .+ of .+, .+/s$'
            $records[-1].RecordType | Should -Be 'Completed'
        }
        finally {
            $shell.Dispose()
        }
    }

    It 'Is completed by what is found first' {
        $found = Get-Completion "Get-StorePath -Store $endless number-29"
        $found.Count | Should -BeIn (1..50)
        $found[0].CompletionText | Should -Match '^\d{32}-number-29'
    }
}

Describe 'Completion of paths' {
    It 'Completes <what>' -ForEach @(
        @{ what = 'a name'; word = { 'alp' }; text = { Split-Path -Leaf $small.PathOf('alpha') } }
        @{ what = 'a hash'; word = { (Split-Path -Leaf $small.PathOf('alpha')).Substring(0, 6) }; text = { Split-Path -Leaf $small.PathOf('alpha') } }
        @{ what = 'a full path'; word = { $small.PathOf('alpha').Substring(0, 18) }; text = { $small.PathOf('alpha') } }
        @{ what = 'a real path'; word = { $small.RealPathOf('alpha').Substring(0, $small.Root.Length + 17) }; text = { $small.RealPathOf('alpha') } }
    ) {
        (Get-Completion "Get-StorePath -Store $($small.Root) -LiteralPath $(& $word)").CompletionText | Should -Contain (& $text)
    }

    It 'Looks into no other store' {
        (TabExpansion2 "Get-StorePath -Store $($other.Root) beta").CompletionMatches.CompletionText | Should -Not -Match 'beta-1.0'
    }

    It 'Says nothing when there is no store' {
        $Error.Clear()
        $null = TabExpansion2 "Get-StorePath -Store $TestDrive/nowhere alp"
        $Error | Should -BeNullOrEmpty
    }
}

Describe 'Views' {
    It 'Fit into 120 columns: <what>' -ForEach @(
        @{ what = 'paths'; make = { Get-StorePath @s } }
        @{ what = 'a path in full'; make = { Get-StorePath *-beta* @s | Format-List } }
        @{ what = 'problems'; make = { [NixStore.StorePathProblem]::new('BytesChanged', ('lib/' * 30), 'a', 'b', ('a long story ' * 20)) } }
        @{ what = 'a store'; make = { Get-NixStore @s } }
    ) {
        $lines = (& $make | Out-String -Width 120) -split "`n" -replace '\e\[[\d;]*m'
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeIn (20..120)
    }

    It 'Show the state, a readable size and the whole path' {
        $text = Get-StorePath *-beta* @s | Out-String -Width 120
        $text | Should -Match "Valid +\d+ B $($small.PathOf('beta-1.0'))"
        $text | Should -Match "Store: local\?root="
    }

    It 'Show problems in full in a list' {
        $path = Get-StorePath *-beta* @s
        $text = $path | Format-List | Out-String -Width 120
        $text | Should -Match 'NarSize +: \d+ bytes \(\d+ B\)'
        $text | Should -Match 'References +: /nix/store/'
    }

    It 'Show values as themselves' {
        ((Get-StorePath *-beta* @s).NarHash | Out-String).Trim() | Should -Match '^sha256:[a-z0-9]{52}$'
    }
}

Describe 'Get-StorePath on a store of real Nix' -Skip:([bool] $obstacle) {
    BeforeAll {
        # Not in $TestDrive: there are names in it that Pester cannot delete.
        $work = (New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) "nixstore-pester-$PID-$(New-Guid)")).FullName
        Copy-LabStore "$work/lab"
        $lab = @{ Store = "$work/lab" }
    }

    AfterAll {
        rm -rf $work
    }

    It 'Finds nothing wrong' {
        $paths = Get-StorePath @lab -CheckContents
        $paths.Count | Should -BeGreaterThan 70
        $paths.State | Sort-Object -Unique | Should -Be 'Valid'
    }

    It 'Finds what damage.py does: <case>' -ForEach @(
        @{ case = 'a1-missing-output-with-referrers'; name = 'libfoo3-1.3'; state = 'Missing'; kind = 'Missing' }
        @{ case = 'c1-zero-length-file'; name = 'libfoo3-1.3'; state = 'Corrupt'; kind = 'ZeroLength' }
        @{ case = 'c2-bit-flip'; name = 'libfoo3-1.3'; state = 'Corrupt'; kind = 'HashMismatch' }
        @{ case = 'd2-extra-file'; name = 'libfoo3-1.3'; state = 'Corrupt'; kind = 'HashMismatch' }
        @{ case = 'd6-fifo-inside'; name = 'libfoo3-1.3'; state = 'Corrupt'; kind = 'UnsupportedType' }
        @{ case = 'g6-bad-hash-row'; name = 'app-2.0'; state = 'Malformed'; kind = 'RowHash' }
        @{ case = 'j1-writable-files'; name = 'libfoo3-1.3'; state = 'Altered'; kind = 'Mode' }
    ) {
        $copy = "$work/$case"
        cp -a $lab.Store $copy
        Invoke-StoreDamage $copy $case
        $path = Get-StorePath -Store $copy -CheckContents | Where-Object Name -EQ $name
        $path.State | Should -Be $state
        $path.Problems.Kind | Should -Contain $kind
        $path.Invalid | Should -BeTrue
    }
}
