BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/stores.ps1
    $obstacle = Get-LabObstacle
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1
    $failed = 'NixStore.PowerShell.Commands.TestStoreDatabaseCommand'

    # A store in which nothing is found.
    function Build-SoundStore([string] $Name) {
        $store = New-SmallStore (Join-Path $TestDrive $Name) 'alpha', 'beta', 'gamma'
        Set-Content (Join-Path $store.Root nix var nix db reserved) room
        $store
    }
}

Describe 'Test-StoreDatabase' {
    BeforeAll {
        $sound = Build-SoundStore sound
        $damaged = Build-SoundStore damaged
        Invoke-StoreSql $damaged.Root "update ValidPaths set sigs = 'garbage' where path like '%-beta'; insert into Refs values (3, 99)"
    }

    It 'Gives nothing where all is well, and true with -Quiet' {
        Test-StoreDatabase $sound.Root | Should -BeNullOrEmpty
        Test-StoreDatabase $sound.Root -CheckContents | Should -BeNullOrEmpty
        Test-StoreDatabase $sound.Root -Quiet | Should -BeTrue
    }

    It 'Gives a finding for each thing, and false with -Quiet' {
        $findings = Test-StoreDatabase -Store $damaged.Root
        $findings | Should -BeOfType NixStore.StoreDatabaseFinding
        $findings.Kind | Should -Be 'ReferenceDangling', 'ColumnMalformed'
        $findings.Severity | Should -Be 'Error', 'Error'
        $findings.Table | Should -Be 'Refs', 'ValidPaths'
        $findings[1].Row | Should -Be 2
        $findings.Path | Should -Be $damaged.PathOf('gamma'), $damaged.PathOf('beta')
        $findings.Store | Select-Object -Unique | Should -Be $damaged.Url
        $findings.Detail | Should -Not -BeNullOrEmpty
        $findings.Remedy | Should -Not -BeNullOrEmpty
        $answer = Test-StoreDatabase $damaged.Root -Quiet
        $answer | Should -BeOfType bool
        $answer | Should -BeFalse
    }

    It 'Does not count information with -Quiet' {
        $mode = Build-SoundStore mode
        Invoke-StoreSql $mode.Root 'pragma journal_mode = delete' | Should -Be 'delete'
        $finding = Test-StoreDatabase $mode.Root
        $finding.Kind, $finding.Severity | Should -Be 'JournalModeWrong', 'Information'
        Test-StoreDatabase $mode.Root -Quiet | Should -BeTrue
    }

    It 'Takes stores by value, directories and objects' {
        $sound.Root, $damaged.Root | Test-StoreDatabase -Quiet | Should -Be $true, $false
        Get-Item $sound.Root, $damaged.Root | Test-StoreDatabase -Quiet | Should -Be $true, $false
        Get-NixStore $damaged.Root | Test-StoreDatabase -Quiet | Should -BeFalse
    }

    It 'Finds lost references in the contents with -CheckContents only' {
        $lost = Build-SoundStore lost
        Invoke-StoreSql $lost.Root 'delete from Refs where referrer = 3'
        Test-StoreDatabase $lost.Root | Should -BeNullOrEmpty
        $finding = Test-StoreDatabase $lost.Root -CheckContents -ThrottleLimit 1
        $finding.Kind, $finding.Path | Should -Be 'ReferenceMissing', $lost.PathOf('gamma')
        $finding.Detail | Should -BeLike "*$($lost.PathOf('beta'))*"
    }

    It 'Tells of a lost database as a finding, and of no store as an error' {
        $none = Build-SoundStore none
        Remove-Item (Join-Path $none.Root nix var nix db db.sqlite*)
        $finding = Test-StoreDatabase $none.Root -ErrorAction Stop
        $finding.Kind, $finding.Severity | Should -Be 'DatabaseMissing', 'Error'
        $answer = "$TestDrive/nowhere", $sound.Root | Test-StoreDatabase -Quiet -ErrorVariable failure -ErrorAction SilentlyContinue
        $answer | Should -BeTrue
        $failure.FullyQualifiedErrorId | Should -Be "DatabaseNotFound,$failed"
    }

    It 'Examines what is no database' {
        $junk = Build-SoundStore junk
        Set-Content (Join-Path $junk.Root nix var nix db db.sqlite) ('x' * 9000)
        (Test-StoreDatabase $junk.Root -ErrorAction Stop).Kind | Should -Be 'DatabaseUnreadable'
    }

    It 'Gives findings that can be piped to cmdlets that take paths' {
        $missing = Build-SoundStore missing
        Remove-Item -Force $missing.RealPathOf('beta')
        $path = Test-StoreDatabase $missing.Root | Where-Object Kind -EQ RowWithoutFiles | Get-StorePath
        $path.Path, $path.State, $path.Store | Should -Be $missing.PathOf('beta'), 'Missing', $missing.Url
    }

    It 'Shows severity, kind, row, path and detail' {
        $text = Test-StoreDatabase $damaged.Root | Out-String -Width 300
        $text | Should -Match 'Severity\s+Kind\s+Row\s+Detail'
        $text | Should -Match "Error\s+ColumnMalformed\s+2\s+$([regex]::Escape($damaged.PathOf('beta'))): the signature"
    }

    It 'Changes nothing' {
        find $damaged.Root -exec touch -h -a -d '2001-01-01' '{}' +
        # The first look may write access times of directories itself.
        $null = find $damaged.Root
        $before = find $damaged.Root -printf '%p %i %m %s %T@ %C@ %A@\n' | Sort-Object
        $null = Test-StoreDatabase $damaged.Root -CheckContents
        find $damaged.Root -printf '%p %i %m %s %T@ %C@ %A@\n' | Sort-Object | Should -Be $before
    }

    It 'Ends early when no more is wanted' {
        Test-StoreDatabase $damaged.Root | Select-Object -First 1 | Should -HaveCount 1
    }

    It 'Works in parallel' {
        $root = $damaged.Root
        1..4 | ForEach-Object -Parallel { Import-Module $using:manifest; @(Test-StoreDatabase $using:root).Count } | Should -Be 2, 2, 2, 2
    }
}

Describe 'Test-StoreDatabase on real damage' {
    # Names in there that are not UTF-8: .NET cannot delete them.
    AfterAll { rm -rf "$TestDrive/lab" }

    It 'Finds <kind> in <case>' -Skip:([bool] $obstacle) -ForEach @(
        @{ case = 'h7-index-entry-missing'; kind = 'IndexMismatch' }
        @{ case = 'h14-refs-page-zeroed'; kind = 'PageDamaged' }
        @{ case = 'f3-drv-row-missing'; kind = 'OutputDangling' }
    ) {
        $copy = "$TestDrive/lab/$case"
        $null = New-Item -ItemType Directory -Force "$TestDrive/lab"
        Copy-LabStore $copy
        Test-StoreDatabase $copy | Should -BeNullOrEmpty
        Invoke-StoreDamage $copy $case
        (Test-StoreDatabase $copy).Kind | Should -Contain $kind
        Test-StoreDatabase $copy -Quiet | Should -BeFalse
    }
}
