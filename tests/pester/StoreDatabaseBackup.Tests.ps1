BeforeDiscovery {
    $strace = (id -u) -eq 0 -and @(Get-Command strace, sqlite3, pwsh -ErrorAction Ignore).Count -eq 3
    # Before each call of a restore that changes a name in the database's directory, or makes it durable.
    $kills = @{ call = 'mkdirat'; when = 1 }, @{ call = 'mkdirat'; when = 2 }, @{ call = 'linkat'; when = 1 }, @{ call = 'renameat2'; when = 1 },
        @{ call = 'renameat2'; when = 2 }, @{ call = 'fsync'; when = 1 }, @{ call = 'fsync'; when = 2 }, @{ call = 'fsync'; when = 3 },
        @{ call = 'unlinkat'; when = 1 }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1

    # Not the access times: copying sets them.
    function Get-Tree { find $small.Root -printf '%P %y %m %s %T@ %i %l\n' | Sort-Object }
    function Get-Row { (Get-StorePath @s).Path | Sort-Object }
    function Get-BackupFile { Get-ChildItem "$($small.Root)/nix/var/nix/nixstore/backups" -Name }
}

Describe 'Backups of a database' {
    BeforeEach {
        $small = New-SmallStore "$TestDrive/$(New-Guid)" 'a', 'b', 'c'
        $s = @{ Store = $small.Root }
    }

    It 'Are made, listed and verified' {
        $backup = Backup-StoreDatabase @s
        $backup | Should -BeOfType NixStore.StoreDatabaseBackup
        $backup.Rows | Should -Be 3
        $backup.Verified | Should -BeTrue
        $backup.Path | Should -Exist
        $listed = Get-StoreDatabaseBackup @s
        $listed.Path | Should -Be $backup.Path
        $listed.Verified | Should -BeNullOrEmpty
        (Get-StoreDatabaseBackup @s -Verify).Verified | Should -BeTrue
        ($backup | Get-StoreDatabaseBackup -Verify).Verified | Should -BeTrue
        gunzip -c $backup.Path | sha256sum | Should -BeLike "$($backup.Digest)*"
    }

    It 'Go where -Destination says, which may be relative' {
        Push-Location $TestDrive
        try {
            $backup = Backup-StoreDatabase @s ./elsewhere
            Split-Path $backup.Path | Should -Be (Join-Path (Get-Location) elsewhere)
            (Get-StoreDatabaseBackup ./elsewhere).Id | Should -Be $backup.Id
            (Get-StoreDatabaseBackup "./elsewhere/$(Split-Path -Leaf $backup.Path)").Id | Should -Be $backup.Id
        }
        finally { Pop-Location }
        Get-StoreDatabaseBackup @s | Should -BeNullOrEmpty
    }

    It 'Rotate by rules' {
        $first, $second, $third = 1..3 | ForEach-Object { Backup-StoreDatabase @s }
        $fourth = Backup-StoreDatabase @s -KeepLast 2
        (Get-StoreDatabaseBackup @s).Id | Should -Be $third.Id, $fourth.Id
        $fifth = Backup-StoreDatabase @s -KeepDaily 1 -KeepWeekly 1 -KeepMonthly 1
        (Get-StoreDatabaseBackup @s).Id | Should -Be $fifth.Id
        $first, $second | ForEach-Object Path | Should -Not -Exist
    }

    It 'Touch nothing with -WhatIf, which names what would go' {
        $backup = Backup-StoreDatabase @s
        $before = Get-Tree
        Start-Transcript "$TestDrive/whatif.txt" | Out-Null
        Backup-StoreDatabase @s -KeepLast 1 -WhatIf | Should -BeNullOrEmpty
        Stop-Transcript | Out-Null
        Get-Tree | Should -Be $before
        Get-Content -Raw "$TestDrive/whatif.txt" | Should -Match "Remove the old backup.*$($backup.Id)"
    }

    It 'Are not made of a damaged database, unless forced' {
        Invoke-StoreSql $small.Root 'insert into Refs values (1, 999)'
        Backup-StoreDatabase @s -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -Be 'DatabaseNotSound,NixStore.PowerShell.Commands.BackupStoreDatabaseCommand'
        Get-BackupFile | Should -BeNullOrEmpty
        $backup = Backup-StoreDatabase @s -Force
        $backup.IsSound | Should -BeFalse
        $backup | Restore-StoreDatabase -Confirm:$false -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -Be 'BackupNotSound,NixStore.PowerShell.Commands.RestoreStoreDatabaseCommand'
    }

    It 'Are told when they are damaged, and the others go on' {
        $bad, $good = 1..2 | ForEach-Object { Backup-StoreDatabase @s }
        $bytes = [IO.File]::ReadAllBytes($bad.Path)
        [IO.File]::WriteAllBytes($bad.Path, $bytes[0..($bytes.Length - 100)])
        $found = Get-StoreDatabaseBackup @s -Verify -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'BackupDamaged,NixStore.PowerShell.Commands.GetStoreDatabaseBackupCommand'
        $found.Id | Should -Be $bad.Id, $good.Id
        $found.Verified | Should -Be $false, $true
        Get-StoreDatabaseBackup "$TestDrive/nowhere" -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'PathNotFound,NixStore.PowerShell.Commands.GetStoreDatabaseBackupCommand'
    }

    It 'Complete' {
        $backup = Backup-StoreDatabase @s
        $line = "Restore-StoreDatabase -Store $($small.Root) -Path "
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be "'$($backup.Path)'"
    }

    It 'Have views that fit' {
        $backup = Backup-StoreDatabase @s
        $backup | Out-String -Width 120 | Should -Match 'Sound +Verified'
        $restore = $backup | Restore-StoreDatabase -Confirm:$false
        $restore | Out-String -Width 120 | Should -Match 'Returned +Taken over'
    }
}

Describe 'A restore of a database' {
    BeforeEach {
        $small = New-SmallStore "$TestDrive/$(New-Guid)" 'a', 'b', 'c'
        $s = @{ Store = $small.Root }
        $backup = Backup-StoreDatabase @s
        $rows = Get-Row
        $null = $small.Add('d', @('a'), '', $null)
        'c', 'b' | ForEach-Object { Invoke-StoreSql $small.Root "pragma foreign_keys = on; delete from ValidPaths where path = '$($small.PathOf($_))'" }
    }

    It 'Brings back what the backup has, and keeps what came since' {
        $restore = $backup | Restore-StoreDatabase -Confirm:$false
        $restore | Should -BeOfType NixStore.StoreDatabaseRestore
        $restore.IsApplied | Should -BeTrue
        $restore.TakenOverCount | Should -Be 1
        ($restore.Changes | Where-Object Kind -EQ TakenOver).Path | Should -Be $small.PathOf('d')
        $restore.ReplacedDatabase | Should -Exist
        Get-Row | Should -Be (@($rows) + $small.PathOf('d') | Sort-Object)
        Get-StorePath @s -CheckContents | ForEach-Object State | Should -Be (@('Valid') * 4)
        $restore.Changes | Where-Object Kind -EQ Returned | Test-StorePath @s | Should -Be $true, $true
        $restore.Changes | Out-String -Width 200 | Should -Match 'TakenOver +/nix/store'
    }

    It 'Says with -WhatIf what it would do, and touches nothing' {
        $before = Get-Tree
        $predicted = Restore-StoreDatabase @s -Path $backup.Path -WhatIf
        Get-Tree | Should -Be $before
        $predicted.IsApplied | Should -BeFalse
        $restore = Restore-StoreDatabase @s -Path $backup.Path -Confirm:$false
        $restore.Changes | Should -Be $predicted.Changes
    }

    It 'Waits as long as it is told for those who have the store open' {
        $lock = "$($small.Root)/nix/var/nix/db/big-lock"
        $holder = Start-LockHolder $lock '-s'
        try {
            Restore-StoreDatabase @s $backup.Path -Timeout 0.1 -Confirm:$false -ErrorVariable failure -ErrorAction SilentlyContinue
            $failure.FullyQualifiedErrorId | Should -Be 'StoreLocked,NixStore.PowerShell.Commands.RestoreStoreDatabaseCommand'
            (Measure-StoreStop "Restore-StoreDatabase -Store '$($small.Root)' '$($backup.Path)' -Confirm:`$false" { (Get-ChildItem /proc/self/fd -ErrorAction Ignore).LinkTarget -contains $lock }).TotalSeconds | Should -BeLessThan $soon
        }
        finally { $holder.Kill($true) }
    }

    It 'Does not take an empty store directory for the store' {
        chmod -R u+w "$($small.Root)/nix/store"
        Remove-Item -Recurse -Force "$($small.Root)/nix/store/*"
        { Restore-StoreDatabase @s $backup.Path -Confirm:$false -Force } |
            Should -Throw -ErrorId 'StoreDirectoryEmpty,NixStore.PowerShell.Commands.RestoreStoreDatabaseCommand'
    }

    It 'Survives being killed before call <when> of <call>' -ForEach $kills -Skip:(-not $strace) {
        $database = "$($small.Root)/nix/var/nix/db"
        $before = Get-Row
        # Only calls on files below the database's directory count.
        $script = "Import-Module '$manifest'; Restore-StoreDatabase -Store '$($small.Root)' '$($backup.Path)' -Confirm:`$false"
        strace -f -qq -o "$TestDrive/trace" -P $database -e "trace=$call" -e "inject=${call}:signal=KILL:when=$when" pwsh -NoProfile -Command $script *> $null
        $LASTEXITCODE | Should -BeIn 0, 137
        $after = Get-Row
        $whole = @($rows) + $small.PathOf('d') | Sort-Object
        "$after" | Should -BeIn "$before", "$whole"
        sqlite3 "$database/db.sqlite" 'pragma integrity_check; pragma foreign_key_check' | Should -Be 'ok'

        (Restore-StoreDatabase @s $backup.Path -Confirm:$false).IsApplied | Should -BeTrue
        Get-Row | Should -Be $whole
        Get-ChildItem $database -Directory -Name | Should -Not -Match '^tmp-'
# None of them has a second name.
        Get-ChildItem $database -Recurse -File -Filter db.sqlite | ForEach-Object { stat -c %h $_ } | Sort-Object -Unique | Should -Be '1'
    }
}
