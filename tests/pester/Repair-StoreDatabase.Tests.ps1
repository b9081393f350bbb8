BeforeDiscovery { $hasSqlite = [bool](Get-Command sqlite3 -ErrorAction Ignore) }

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1
    $failed = 'NixStore.PowerShell.Commands.RepairStoreDatabaseCommand'

    # Not the access times: looking does not set them, but copying does.
    function Get-Tree([string] $Root) { find $Root -printf '%P %y %m %s %T@ %i %l\n' | Sort-Object }
    function Get-Database([string] $Root) { Join-Path $Root nix var nix db db.sqlite }
}

Describe 'Repair-StoreDatabase' -Skip:(-not $hasSqlite) {
    BeforeEach {
        $store = New-SmallStore "$TestDrive/$(New-Guid)" 'alpha', 'beta', 'gamma'
        $with = @{ Store = $store.Root; Source = @(); Confirm = $false }
    }

    It 'Leaves a sound database alone' {
        $before = Get-Tree $store.Root
        Repair-StoreDatabase @with -Plan | Should -BeNullOrEmpty
        Get-Tree $store.Root | Should -Be $before
        $inode = (stat -c %i (Get-Database $store.Root))
        Repair-StoreDatabase @with | Should -BeNullOrEmpty
        stat -c %i (Get-Database $store.Root) | Should -Be $inode
    }

    It 'Registers a path again whose row was lost, with what referred to it' {
        Invoke-StoreSql $store.Root "delete from ValidPaths where path like '%-beta'"
        $steps = Repair-StoreDatabase @with
        $steps | Should -BeOfType NixStore.StoreRepairStep
        $steps.Outcome | Select-Object -Unique | Should -Be 'Done'
        $steps.Number | Should -Be (1..$steps.Count)
        $steps.Kind | Should -Contain 'RestoreRow'
        $steps.Kind | Should -Contain 'MendReferences'
        ($steps | Where-Object Kind -EQ RestoreRow).Path | Should -Be $store.PathOf('beta')
        (Get-StorePath -Store $store.Root | Where-Object Name -EQ gamma).References | Should -Be $store.PathOf('beta')
        Test-StoreDatabase $store.Root -CheckContents -Quiet | Should -BeTrue
    }

    It 'Keeps the old database as it was' {
        Invoke-StoreSql $store.Root "update ValidPaths set hash = 'zz' where path like '%-beta'"
        $hash = (Get-FileHash (Get-Database $store.Root)).Hash
        $replaced = Repair-StoreDatabase @with | Where-Object Kind -EQ ReplaceDatabase
        $replaced.Path | Should -BeLike '*/db/replaced-*'
        (Get-FileHash (Join-Path $replaced.Path db.sqlite)).Hash | Should -Be $hash
    }

    It 'Makes a database of nothing but the files' {
        $before = Get-StorePath -Store $store.Root
        Remove-Item (Join-Path $store.Root nix var nix db) -Recurse -Force
        Repair-StoreDatabase @with -Rebuild | Where-Object Kind -EQ RestoreRow | ForEach-Object Path | Should -Be ($before.Path | Sort-Object)
        $after = Get-StorePath -Store $store.Root -CheckContents
        $after.Invalid | Should -Not -Contain $true
        $after | Sort-Object Path | ForEach-Object { "$($_.Path) $($_.NarHash) $($_.NarSize) $($_.References)" } |
            Should -Be ($before | Sort-Object Path | ForEach-Object { "$($_.Path) $($_.NarHash) $($_.NarSize) $($_.References)" })
    }

    It 'Takes signatures and times from the newest backup, or from the one that is named' {
        Invoke-StoreSql $store.Root "update ValidPaths set registrationTime = 1234567890"
        $backup = Backup-StoreDatabase -Store $store.Root
        Remove-Item (Join-Path $store.Root nix var nix db) -Recurse -Force
        $null = Repair-StoreDatabase @with
        (Get-StorePath -Store $store.Root).RegistrationTime.ToUnixTimeSeconds() | Select-Object -Unique | Should -Be 1234567890
        Remove-Item (Join-Path $store.Root nix var nix db) -Recurse -Force
        $null = Repair-StoreDatabase @with -Rebuild
        (Get-StorePath -Store $store.Root).RegistrationTime.ToUnixTimeSeconds() | Should -Not -Contain 1234567890
        $null = Repair-StoreDatabase @with -Rebuild -Backup $backup.Path
        (Get-StorePath -Store $store.Root).RegistrationTime.ToUnixTimeSeconds() | Select-Object -Unique | Should -Be 1234567890
        $null = Repair-StoreDatabase @with -Backup "$TestDrive/none" -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure | Should -Not -BeNullOrEmpty
    }

    It 'Saves what can be read of a damaged file' {
        $database = Get-Database $store.Root
        $bytes = [IO.File]::ReadAllBytes($database)
        [Array]::Clear($bytes, 0, 4096)
        [IO.File]::WriteAllBytes($database, $bytes)
        Repair-StoreDatabase @with | ForEach-Object Kind | Should -Contain 'SalvageRows'
        Test-StoreDatabase $store.Root -CheckContents -Quiet | Should -BeTrue
        (Get-StorePath -Store $store.Root).Name | Sort-Object | Should -Be 'alpha', 'beta', 'gamma'
    }

    It 'Finds references that were lost without a trace, with -CheckContents' {
        Invoke-StoreSql $store.Root 'delete from Refs where referrer = 3'
        Repair-StoreDatabase @with | Should -BeNullOrEmpty
        (Repair-StoreDatabase @with -CheckContents | Where-Object Kind -EQ MendReferences).Path | Should -Be $store.PathOf('gamma')
        (Get-StorePath -Store $store.Root | Where-Object Name -EQ gamma).References | Should -Be $store.PathOf('beta')
    }

    It 'Says with -Plan and with -WhatIf what it would do, and touches nothing' {
        Invoke-StoreSql $store.Root "delete from ValidPaths where path like '%-beta'"
        $before = Get-Tree $store.Root
        $plan = Repair-StoreDatabase -Store $store.Root -Source @() -Plan
        $plan.Outcome | Select-Object -Unique | Should -Be 'Planned'
        (Repair-StoreDatabase -Store $store.Root -Source @() -WhatIf).Detail | Should -Be $plan.Detail
        Get-Tree $store.Root | Should -Be $before
    }

    It 'Takes stores by value' {
        Invoke-StoreSql $store.Root "update ValidPaths set sigs = 'garbage' where id = 2"
        ($store.Root | Repair-StoreDatabase -Source @() -Confirm:$false).Kind | Should -Be 'MendRow', 'ReplaceDatabase'
        Get-NixStore $store.Root | Repair-StoreDatabase -Source @() -Confirm:$false | Should -BeNullOrEmpty
    }

    It 'Refuses an empty store directory, a newer schema and a read-only store' {
        Set-Content (Join-Path $store.Root nix var nix db schema) 11 -NoNewline
        Repair-StoreDatabase @with -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be "SchemaTooNew,$failed"
        Set-Content (Join-Path $store.Root nix var nix db schema) 10 -NoNewline
        $null = Repair-StoreDatabase -Store "local?root=$($store.Root)&read-only=true" -Source @() -Confirm:$false -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be "StoreReadOnly,$failed"
        chmod -R u+w (Join-Path $store.Root nix store)
        Get-ChildItem (Join-Path $store.Root nix store) -Exclude .links | Remove-Item -Recurse -Force
        $before = Get-Tree $store.Root
        { Repair-StoreDatabase @with } | Should -Throw -ErrorId "StoreDirectoryEmpty,$failed"
        Get-Tree $store.Root | Should -Be $before
    }

    It 'Waits for those who have the store open, and gives up in time' {
        Invoke-StoreSql $store.Root "update ValidPaths set sigs = 'garbage' where id = 2"
        $holder = Start-LockHolder (Join-Path $store.Root nix var nix db big-lock) '-s'
        try {
            Repair-StoreDatabase @with -Timeout 0.2 -ErrorVariable failure -ErrorAction SilentlyContinue
            $failure.FullyQualifiedErrorId | Should -Be "StoreLocked,$failed"
        }
        finally { $holder.Kill($true) }
    }

    It 'Shows a step in a line' {
        Invoke-StoreSql $store.Root "update ValidPaths set sigs = 'garbage' where id = 2"
        $text = Repair-StoreDatabase @with -Plan | Format-Table | Out-String -Width 400
        $text | Should -Match '1\s+Planned\s+MendRow\s+/nix/store/.*-beta: sigs ''garbage'' becomes'
    }
}
