BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/stores.ps1
    $obstacle = Get-LabObstacle
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1
    $failed = 'NixStore.PowerShell.Commands.TestNixStoreCommand'

    # A store in which no fault is found.
    function Build-SoundStore([string] $Name, [string[]] $Path = @('alpha', 'beta', 'gamma')) {
        $store = New-SmallStore (Join-Path $TestDrive $Name) $Path
        Set-Content (Join-Path $store.Root nix var nix db reserved) room
        $store
    }

    # What is more than information; how full this machine's disks are does not count.
    filter Select-Fault { if ($_.Severity -ne 'Information' -and $_.Area -ne 'Disk') { $_ } }

    # Other contents of the same size, and the time of before.
    function Edit-StoreFile($Store, [string] $Name) {
        bash -euc 'chmod u+w "$0"; printf X | dd of="$0" bs=1 conv=notrunc status=none; chmod u-w "$0"; touch -d @1 "$0"' $Store.RealPathOf($Name)
    }

    function Get-LedgerPath($Store) { Join-Path $Store.Root nix var nix nixstore ledger.sqlite }
    function Get-LedgerCount($Store) { [int] (sqlite3 (Get-LedgerPath $Store) 'select count(*) from Paths') }
}

Describe 'Test-NixStore' {
    BeforeAll {
        $sound = Build-SoundStore sound
        $damaged = Build-SoundStore damaged
        Edit-StoreFile $damaged beta
        Remove-Item -Force $damaged.RealPathOf('gamma')
        Invoke-StoreSql $damaged.Root 'insert into Refs values (2, 99)'
    }

    It 'Finds no fault where there is none' {
        Test-NixStore $sound.Root | Select-Fault | Should -BeNullOrEmpty
        Test-NixStore -Store $sound.Root -SizeOnly | Select-Fault | Should -BeNullOrEmpty
        Test-NixStore "$($sound.Url)&read-only=true" -CheckContents | Select-Fault | Should -BeNullOrEmpty
        Get-LedgerPath $sound | Should -Not -Exist
    }

    It 'Gives a finding for each thing' {
        $findings = Test-NixStore $damaged.Root -CheckContents | Select-Fault
        $findings | Should -BeOfType NixStore.StoreFinding
        $findings.Kind | Should -Be 'ReferenceDangling', 'Missing', 'HashMismatch'
        $findings.Area | Should -Be 'Database', 'Path', 'Path'
        $findings[1..2].Path | Should -Be $damaged.PathOf('gamma'), $damaged.PathOf('beta')
        $findings.Store | Select-Object -Unique | Should -Be $damaged.Url
        $findings.Remedy | Should -Not -Contain $null
    }

    It 'Reads contents only when that is wanted' {
        (Test-NixStore $damaged.Root | Select-Fault).Kind | Should -Be 'ReferenceDangling', 'Missing'
        (Test-NixStore $damaged.Root -SizeOnly | Select-Fault).Kind | Should -Be 'ReferenceDangling', 'Missing'
        (Test-NixStore $damaged.Root -MaxAge 30d | Select-Fault).Kind | Should -Contain 'HashMismatch'
    }

    It 'Gives true or false with -Quiet, for each store' {
        $answers = $sound.Root, $damaged.Root | Test-NixStore -Quiet
        $answers | Should -BeOfType bool
        $answers[1] | Should -BeFalse
        Get-NixStore $damaged.Root | Test-NixStore -Quiet | Should -BeFalse
        $disk = Test-NixStore $sound.Root | Where-Object { $_.Severity -ne 'Information' }
        $answers[0] | Should -Be (-not $disk)
    }

    It 'Says that a store is not mounted once' {
        $empty = Build-SoundStore empty
        Remove-Item -Force (Join-Path $empty.Root nix store *)
        (Test-NixStore $empty.Root -CheckContents | Select-Object -ExpandProperty Kind) -like 'StoreDirectory*' | Should -Be 'StoreDirectoryEmpty'
    }

    It 'Tells of no store as an error' {
        $null = Test-NixStore "$TestDrive/nowhere" -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be "DatabaseNotFound,$failed"
    }

    It 'Gives findings that can be piped to cmdlets that take paths' {
        $path = Test-NixStore $damaged.Root | Where-Object Kind -EQ Missing | Get-StorePath
        $path.Path, $path.State, $path.Store | Should -Be $damaged.PathOf('gamma'), 'Missing', $damaged.Url
    }

    It 'Shows severity, area, kind, path and detail' {
        $text = Test-NixStore $damaged.Root | Out-String -Width 300
        $text | Should -Match 'Severity\s+Area\s+Kind\s+Detail'
        $text | Should -Match "Error\s+Path\s+Missing\s+$([regex]::Escape($damaged.PathOf('gamma'))): registered"
    }

    It 'Takes no -SizeOnly with contents, and no number without a unit' {
        { Test-NixStore $sound.Root -SizeOnly -CheckContents } | Should -Throw -ErrorId "AmbiguousParameterSet,$failed"
        { Test-NixStore $sound.Root -SizeOnly -Budget 1h } | Should -Throw -ErrorId "AmbiguousParameterSet,$failed"
        { Test-NixStore $sound.Root -Budget 10 } | Should -Throw '*10min*'
        { Test-NixStore $sound.Root -MaxAge 30 } | Should -Throw '*30d*'
    }

    It 'Changes nothing of a store that may not be written to' {
        $url = "$($damaged.Url)&read-only=true"
        Remove-Item -Recurse -ErrorAction Ignore (Split-Path (Get-LedgerPath $damaged))
        find $damaged.Root -exec touch -h -a -d '2001-01-01' '{}' +
        $null = find $damaged.Root
        $before = find $damaged.Root -printf '%p %i %m %s %T@ %C@ %A@\n' | Sort-Object
        $null = Test-NixStore $url -CheckContents
        $null = Test-NixStore $url -SizeOnly
        $null = Test-NixStore $url -Budget 1h
        find $damaged.Root -printf '%p %i %m %s %T@ %C@ %A@\n' | Sort-Object | Should -Be $before
    }

    It 'Ends early when no more is wanted' {
        Test-NixStore $damaged.Root -CheckContents | Select-Object -First 1 | Should -HaveCount 1
    }

    It 'Works in parallel' {
        $root = $damaged.Root
        1..4 | ForEach-Object -Parallel { Import-Module $using:manifest; @(Test-NixStore $using:root -MaxAge 30d | Where-Object Area -EQ Path).Count } |
            Should -Be 2, 2, 2, 2
    }
}

Describe 'The ledger of Test-NixStore' {
    It 'Remembers what was found intact, and what is read again is what was changed' {
        $store = Build-SoundStore ledger
        Test-NixStore $store.Root -CheckContents | Select-Fault | Should -BeNullOrEmpty
        Get-LedgerCount $store | Should -Be 3
        sqlite3 (Get-LedgerPath $store) 'update Paths set looked = looked - 1000, intact = intact - 1000'
        Test-NixStore $store.Root -MaxAge 1d | Select-Fault | Should -BeNullOrEmpty
        sqlite3 (Get-LedgerPath $store) "select count(*) from Paths where looked > unixepoch() - 900" | Should -Be 0

        Edit-StoreFile $store beta
        $findings = Test-NixStore $store.Root -MaxAge 1d | Select-Fault
        $findings.Kind | Should -Be 'HashMismatch', 'BytesChanged'
        $findings.Path | Select-Object -Unique | Should -Be $store.PathOf('beta')
        sqlite3 (Get-LedgerPath $store) "select path from Paths where looked > unixepoch() - 900" | Should -Be (Split-Path -Leaf $store.PathOf('beta'))
    }

    It 'Takes <text> as a time' -ForEach @(
        @{ text = '10min'; budget = '10min' }
        @{ text = '2h'; budget = '2h' }
        @{ text = '30d'; budget = '30d' }
        @{ text = 'a time span'; budget = [timespan]::FromMinutes(10) }
        @{ text = '00:10:00'; budget = '00:10:00' }
    ) {
        $store = Build-SoundStore "time-$($text -replace '\W')"
        Test-NixStore $store.Root -Budget $budget -MaxAge 30d | Select-Fault | Should -BeNullOrEmpty
        Get-LedgerCount $store | Should -Be 3
    }

    It 'Says what is left when the time is over' {
        $store = Build-SoundStore over
        $finding = Test-NixStore $store.Root -Budget 0s | Where-Object Kind -EQ ContentsDue
        $finding.Severity | Should -Be 'Information'
        $finding.Detail | Should -BeLike '*3 more are due*'
    }

    It 'Is whole after kill -9 at its <call> number <ordinal>, and the next run goes on' -Skip:(-not (Get-Command strace -ErrorAction Ignore)) -ForEach @(
        @{ call = 'pwrite64'; ordinal = 1 }
        @{ call = 'pwrite64'; ordinal = 5 }
        @{ call = 'pwrite64'; ordinal = 12 }
        @{ call = 'pwrite64'; ordinal = 20 }
        @{ call = 'unlink'; ordinal = 1 }
    ) {
        # Each thread's calls count by themselves, and how many a thread makes depends on how long it takes: a run that came to its end is followed by one
        # that is killed at an earlier one.
        $when = $ordinal
        do {
            $store = Build-SoundStore "killed-$call-$ordinal-$when" @(1..40 | ForEach-Object { "path$_" })
            $ledger = Get-LedgerPath $store
            $command = "Import-Module '$manifest'; Test-NixStore '$($store.Root)' -Budget 1h -ThrottleLimit 1"
            strace -f -qq -o /dev/null -P $ledger -P "$ledger-wal" -P "$ledger-shm" -e "trace=$call" -e "inject=$($call):signal=KILL:when=$when" $shell @shellLibrary -NoProfile -NonInteractive -Command $command *> $null
        } while ($LASTEXITCODE -eq 0 -and --$when -gt 0)

        $LASTEXITCODE | Should -Be 137

        # Whatever it was killed at, what is there is sound, and no damage is told.
        $findings = Test-NixStore $store.Root -MaxAge 1d
        $findings | Select-Fault | Should -BeNullOrEmpty
        $findings.Kind | Should -Not -Contain 'LedgerDamaged'
        Get-LedgerCount $store | Should -Be 40
        sqlite3 $ledger 'pragma integrity_check' | Should -Be 'ok'
    }

    It 'Loses at most the last seconds to kill -9' {
        # Killed in the middle of its work, a while after it began: what it had done by then is not done again.
        $store = Build-SoundStore midway @(1..600 | ForEach-Object { "path$_" })
        $start = [Diagnostics.ProcessStartInfo]::new($shell)
        @($shellLibrary) + @('-NoProfile', '-NonInteractive', '-Command', "Import-Module '$manifest'; Test-NixStore '$($store.Root)' -Budget 1h -ThrottleLimit 1") |
            ForEach-Object { $start.ArgumentList.Add($_) }
        $process = [Diagnostics.Process]::Start($start)
        Wait-Condition { $process.HasExited -or
            ((Test-Path (Get-LedgerPath $store)) -and [int] (sqlite3 "file:$(Get-LedgerPath $store)?mode=ro" 'select count(*) from Paths' 2> $null) -ge 256) }
        $process.Kill()
        $process.WaitForExit()
        $kept = Get-LedgerCount $store
        $kept | Should -BeGreaterOrEqual 256

        $null = Test-NixStore $store.Root -MaxAge 1d
        Get-LedgerCount $store | Should -Be 600
        sqlite3 (Get-LedgerPath $store) 'pragma integrity_check' | Should -Be 'ok'
    }

    It 'Is whole after Ctrl+C' {
        $store = Build-SoundStore stopped @(1..400 | ForEach-Object { "path$_" })
        $stop = [powershell]::Create([Management.Automation.RunspaceMode]::NewRunspace)
        $null = $stop.AddScript("Import-Module '$manifest'; Test-NixStore '$($store.Root)' -Budget 1h -ThrottleLimit 1")
        $run = $stop.BeginInvoke()
        Wait-Condition { $run.IsCompleted -or (Test-Path (Get-LedgerPath $store)) }
        $stop.Stop()
        $stop.Dispose()
        Test-NixStore $store.Root -MaxAge 1d | Select-Fault | Should -BeNullOrEmpty
        Get-LedgerCount $store | Should -Be 400
        sqlite3 (Get-LedgerPath $store) 'pragma integrity_check' | Should -Be 'ok'
    }
}

Describe 'Test-NixStore on real damage' {
    It 'Finds <kind> of area <area> in <case>' -Skip:([bool] $obstacle) -ForEach @(
        @{ case = 'c1-zero-length-file'; area = 'Path'; kind = 'ZeroLength' }
        @{ case = 'k5-temproots-nonnumeric'; area = 'Root'; kind = 'TemporaryRootsNameInvalid' }
        @{ case = 'h7-index-entry-missing'; area = 'Database'; kind = 'IndexMismatch' }
    ) {
        $copy = Join-Path $TestDrive $case
        Copy-LabStore $copy
        Test-NixStore $copy | Select-Fault | Should -BeNullOrEmpty
        Invoke-StoreDamage $copy $case
        Test-NixStore $copy -SizeOnly | Where-Object Area -EQ $area | Select-Object -ExpandProperty Kind | Should -Contain $kind
        Test-NixStore $copy -Quiet -SizeOnly | Should -BeFalse

        # .NET cannot remove names that are no text.
        rm -rf $copy
    }
}
