BeforeDiscovery {
    $strace = (id -u) -eq 0 -and @(Get-Command strace, pwsh -ErrorAction Ignore).Count -eq 2
    # Before each call of a registration that changes a name, or makes it durable.
    $kills = @{ call = 'renameat2'; when = 1 }, @{ call = 'renameat2'; when = 2 }, @{ call = 'fsync'; when = 1 }, @{ call = 'fsync'; when = 3 }, @{ call = 'symlinkat'; when = 1 }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1

    # The command of a unit, as somebody who cannot run it would make it.
    $executable = (New-Item "$TestDrive/bin dir/nixstore" -Force -Value "#!/bin/sh`nexit 0`n").FullName
    chmod +x $executable
    function Get-Tree { find $place -printf '%P %y %m %s %T@ %i %l\n' 2> $null | Sort-Object }
    function Get-UnitSetting { param($Path, $Key) (Get-Content $Path | Where-Object { $_ -like "$Key=*" }) -replace "^$Key=" }
}

Describe 'Scheduled tasks' {
    BeforeEach {
        $place = "$TestDrive/$(New-Guid)"
        $store = "$TestDrive/store"
        $to = @{ Store = $store; Directory = $place; Executable = $executable; WarningAction = 'Ignore' }
        $units = $to + @{ Format = 'Systemd' }
    }

    It 'Are registered, listed and removed' {
        Register-StoreMaintenance Verify, Collect, Optimise, Backup @units | Should -BeNullOrEmpty
        $tasks = Get-StoreMaintenance -Directory $place
        $tasks | Should -BeOfType NixStore.StoreMaintenance
        $tasks.Name | Should -Be 'backup', 'collect', 'optimise', 'verify'
        $tasks.Schedule | Should -Be 'daily', 'weekly', 'weekly', 'daily'
        $tasks.IOSchedulingClass | Should -Be 'BestEffort', 'BestEffort', 'BestEffort', 'Idle'
        $tasks.IsEnabled | Should -Be $true, $true, $true, $true
        $tasks.Files | Should -HaveCount 8
        $tasks.Files | Should -Exist
        (Get-StoreMaintenance v*, back* -Directory $place).Name | Should -Be 'backup', 'verify'
        Get-StoreMaintenance -Directory $place | Unregister-StoreMaintenance | Should -BeNullOrEmpty
        Get-StoreMaintenance -Directory $place | Should -BeNullOrEmpty
        Get-ChildItem $place -File -Recurse -Force | Should -BeNullOrEmpty
    }

    It 'Keep their parameters' {
        $task = Register-StoreMaintenance Verify @units -Name nightly -Schedule 'Mon *-*-* 03:15' -RandomizedDelay 90min -Budget 10min -MaxAge 30d -IOPriority 4 -PassThru
        $task.Name, $task.Schedule, $task.RandomizedDelay, $task.Budget, "$($task.MaxAge)" | Should -Be 'nightly', 'Mon *-*-* 03:15', '01:30:00', '00:10:00', '30d'
        $task.IOSchedulingClass, $task.IOPriority | Should -Be 'BestEffort', 4
        $task.Command | Should -Be $executable, 'verify', '--invalid', '--budget', '10min', '--max-age', '30d', '--store', "local?root=$store", '--json'
        Get-UnitSetting $task.Files[0] ExecStart | Should -BeExactly "`"$executable`" verify --invalid --budget 10min --max-age 30d --store `"local?root=$store`" --json"
        Get-UnitSetting $task.Files[1] RandomizedDelaySec | Should -BeExactly '1h 30min'

        $task = Register-StoreMaintenance Collect @units -OlderThan 14d -KeepGenerations 3 -UnusedFor 2w -MaxFreed 2GB -Trash -PassThru
        $task.Command[1..9] | Should -Be 'gc', '--delete-older-than', '14d', '--keep-generations', '3', '--unused-for', '2w', '--max-freed', '2147483648'
    }

    It 'Of several tasks have the name in front' {
        (Register-StoreMaintenance Verify, Backup @units -Name home -PassThru).Name | Should -Be 'home-verify', 'home-backup'
    }

    It 'Touch nothing with -WhatIf, which shows the text' {
        Start-Transcript "$TestDrive/whatif.txt" | Out-Null
        Register-StoreMaintenance Verify @units -WhatIf | Should -BeNullOrEmpty
        Stop-Transcript | Out-Null
        $place | Should -Not -Exist
        $text = Get-Content -Raw "$TestDrive/whatif.txt"
        $text | Should -Match 'nixstore-verify.service:'
        $text | Should -Match '(?m)^ExecStart='
        $text | Should -Match '(?m)^OnCalendar=daily'

        Register-StoreMaintenance Verify @units
        $before = Get-Tree
        Unregister-StoreMaintenance verify -Directory $place -WhatIf
        Register-StoreMaintenance Verify @units -Schedule weekly -Force -WhatIf
        Get-Tree | Should -Be $before
    }

    It 'Are registered twice without a change' {
        Register-StoreMaintenance Verify @units
        $before = Get-Tree
        $said = Register-StoreMaintenance Verify @units -Verbose 4>&1
        "$said" | Should -BeLike '*just so already*'
        Get-Tree | Should -Be $before
    }

    It 'Are replaced by -Force alone' {
        Register-StoreMaintenance Verify @units
        Register-StoreMaintenance Verify, Backup @units -Schedule weekly -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'MaintenanceExists,NixStore.PowerShell.Commands.RegisterStoreMaintenanceCommand'
        (Get-StoreMaintenance -Directory $place).Schedule | Should -Be 'weekly', 'daily'
        Register-StoreMaintenance Verify @units -Schedule weekly -Force
        (Get-StoreMaintenance -Directory $place).Schedule | Should -Be 'weekly', 'weekly'
    }

    It 'That were changed by hand go by -Force alone' {
        $task = Register-StoreMaintenance Verify @units -PassThru
        Add-Content $task.Files[1] '# mine'
        (Get-StoreMaintenance -Directory $place).IsChanged | Should -BeTrue
        Unregister-StoreMaintenance verify -Directory $place -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'MaintenanceChanged,NixStore.PowerShell.Commands.UnregisterStoreMaintenanceCommand'
        $task.Files | Should -Exist
        Unregister-StoreMaintenance verify -Directory $place -Force
        $task.Files | Should -Not -Exist
    }

    It 'Of others are left alone' {
        $null = New-Item "$place/nixstore-verify.service" -Force -Value "[Service]`nExecStart=/bin/true`n"
        Register-StoreMaintenance Verify @units -Force -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'MaintenanceNotOurs,NixStore.PowerShell.Commands.RegisterStoreMaintenanceCommand'
        Unregister-StoreMaintenance verify -Directory $place -Force -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'MaintenanceNotOurs,NixStore.PowerShell.Commands.UnregisterStoreMaintenanceCommand'
        Get-ChildItem $place -Name | Should -Be 'nixstore-verify.service'
    }

    It 'That are not there are named' {
        Get-StoreMaintenance nothing -Directory $place -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'MaintenanceNotFound,NixStore.PowerShell.Commands.GetStoreMaintenanceCommand'
        Unregister-StoreMaintenance nothing -Directory $place -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'MaintenanceNotFound,NixStore.PowerShell.Commands.UnregisterStoreMaintenanceCommand'
        Unregister-StoreMaintenance no* -Directory $place -ErrorAction Stop
    }

    It 'Are told apart by their stores' {
        Register-StoreMaintenance Verify @units
        Register-StoreMaintenance Verify -Name other -Store "$TestDrive/other" -Directory $place -Executable $executable -Format Systemd -WarningAction Ignore
        (Get-StoreMaintenance -Directory $place -Store "$TestDrive/other").Name | Should -Be 'other'
        Unregister-StoreMaintenance * -Directory $place -Store $store
        (Get-StoreMaintenance -Directory $place).Name | Should -Be 'other'
    }

    It 'Refuse <name> with <id>' -ForEach @(
        @{ name = 'a line feed in the name'; id = 'MaintenanceInvalid'; with = @{ Name = "x`n[Service]" } }
        @{ name = 'a path as a name'; id = 'MaintenanceInvalid'; with = @{ Name = '../x' } }
        @{ name = 'a line feed in the schedule'; id = 'ScheduleInvalid'; with = @{ Schedule = "daily`nExecStart=/bin/sh" } }
        @{ name = 'a schedule of nobody'; id = 'ScheduleInvalid'; with = @{ Schedule = '%n' } }
        @{ name = 'a parameter of another task'; id = 'MaintenanceParameterUnused'; with = @{ KeepLast = 3 } }
        @{ name = 'a priority in the idle class'; id = 'MaintenanceParameterUnused'; with = @{ IOPriority = 3; IOSchedulingClass = 'Idle' } }
        @{ name = 'a line feed in the store'; id = 'MaintenanceInvalid'; with = @{ Store = "/x`nExecStart=/bin/sh" } }
    ) {
        $given = $units + @{}
        foreach ($key in $with.Keys) { $given[$key] = $with[$key] }
        try { Register-StoreMaintenance Verify @given -ErrorVariable failure -ErrorAction SilentlyContinue } catch { $failure = $_ }
        @($failure)[0].FullyQualifiedErrorId | Should -Be "$id,NixStore.PowerShell.Commands.RegisterStoreMaintenanceCommand"
        $place | Should -Not -Exist
    }

    It 'Refuse a number without a unit' {
        { Register-StoreMaintenance Verify @units -Budget 10 } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
    }

    It 'Need an executable that is there' {
        { Register-StoreMaintenance Verify -Store $store -Format Systemd -Executable "$TestDrive/nothing" } |
            Should -Throw -ErrorId 'ExecutableNotFound,NixStore.PowerShell.Commands.RegisterStoreMaintenanceCommand'
        Register-StoreMaintenance Verify -Store $store -Directory $place -Format Systemd -Executable "$TestDrive/nothing" -WarningVariable warning -WarningAction SilentlyContinue
        "$warning" | Should -BeLike '*nothing*'
    }

    It 'Warn of an executable in the store' {
        $inside = (New-Item "$store/nix/store/x/nixstore" -Force -Value '').FullName
        chmod +x $inside
        Register-StoreMaintenance Verify -Store $store -Directory $place -Format Systemd -Executable $inside -WarningVariable warning -WarningAction SilentlyContinue
        "$warning" | Should -BeLike '*in the store that it is to look after*'
    }

    It 'Are tables of cron, where that is wanted' {
        $task = Register-StoreMaintenance Backup @to -Format Cron -Schedule '15 3 * * 1' -KeepLast 3 -PassThru
        $task.Format | Should -Be 'Cron'
        $task.Files | Should -Be "$place/nixstore-backup"
        (Get-Content $task.Files) -like '15 3 * * 1 root sleep *' | Should -HaveCount 1
        Unregister-StoreMaintenance backup -Directory $place
        Get-ChildItem $place -Force | Should -BeNullOrEmpty
    }

    It 'Are one module on NixOS, and nothing is written' {
        $module = Register-StoreMaintenance Verify, Collect @to -Format NixOS -OlderThan 30d
        $module | Should -BeOfType NixStore.StoreMaintenanceModule
        $module.Maintenance.Name | Should -Be 'verify', 'collect'
        $module | Out-String -Width 200 | Should -Match 'systemd.timers."nixstore-collect" = \{'
        $place | Should -Not -Exist
        $nix = "$HOME/.cache/nixstore/nix/bin/nix234-instantiate"
        if (-not (Test-Path $nix)) { Set-ItResult -Skipped -Because 'REAL NIX MISSING' }
        Set-Content "$TestDrive/module.nix" $module.Text
        & $nix --store "$TestDrive/nix" --parse "$TestDrive/module.nix" | Should -Match 'nixstore-verify'
        $LASTEXITCODE | Should -Be 0
    }

    It 'Complete' {
        Register-StoreMaintenance Verify, Backup @units
        $line = "Unregister-StoreMaintenance -Directory '$place' -Name v"
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'verify'
        $line = 'Register-StoreMaintenance Verify -Schedule w'
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'weekly'
    }

    It 'Have a view that fits' {
        Register-StoreMaintenance Verify @units
        Get-StoreMaintenance -Directory $place | Out-String -Width 120 | Should -Match '(?s)Next run.*verify +Verify +Systemd +daily .*enabled'
    }

    It 'Survive being killed before call <when> of <call>' -ForEach $kills -Skip:(-not $strace) {
        Register-StoreMaintenance Backup @units
        $line = "Register-StoreMaintenance Verify -Store '$store' -Directory '$place' -Format Systemd -Executable '$executable'"
        strace -f -qq -o "$TestDrive/trace" -e "trace=$call" -e "inject=${call}:signal=KILL:when=$when" -P $place -P "$place/timers.target.wants" `
            pwsh -NoProfile -Command "Import-Module '$manifest'; $line" *> $null
        # Each file is there as a whole or not at all.
        (Get-StoreMaintenance -Directory $place -ErrorAction Stop).IsChanged | Should -Not -Contain $true
        Register-StoreMaintenance Verify @units -ErrorAction Stop
        (Get-StoreMaintenance -Directory $place).Name | Should -Be 'backup', 'verify'
        (Get-StoreMaintenance -Directory $place).IsEnabled | Should -Be $true, $true
        Get-ChildItem $place -Force -File -Name | Should -Not -Match '\.tmp$'
        Unregister-StoreMaintenance * -Directory $place
    }
}

Describe 'What PowerShell runs' {
    BeforeEach {
        $small = New-SmallStore "$TestDrive/$(New-Guid)" 'a', 'b', 'c'
        $place = "$TestDrive/$(New-Guid)"
        $pwsh = (Get-Command pwsh -CommandType Application | Select-Object -First 1).Source
    }

    It 'For <task> gives one JSON object a line' -ForEach @(@{ task = 'Collect' }, @{ task = 'Optimise' }, @{ task = 'Backup' }) {
        $command = (Register-StoreMaintenance $task -Store $small.Root -Directory $place -Format Systemd -Executable $pwsh -PassThru -WarningAction Ignore).Command
        # Beside warnings: in a container, some process is none of its root's.
        $output = & $command[0] $command[1..9] | Where-Object { $_ -like '{*' }
        $LASTEXITCODE | Should -Be 0 -Because "$output"
        @($output) | Should -HaveCount 1
        ($output | ConvertFrom-Json).Store | Should -Be "local?root=$($small.Root)"
    }

    It 'Ends with 1 when anything went wrong' {
        $command = (Register-StoreMaintenance Backup -Store $small.Root -Directory $place -Format Systemd -Executable $pwsh -PassThru -WarningAction Ignore).Command
        Invoke-StoreSql $small.Root 'insert into Refs values (1, 999)'
        & $command[0] $command[1..9] *> $null
        $LASTEXITCODE | Should -Be 1
    }
}

Describe 'A real systemd' {
    BeforeAll {
        # A systemd of its own: see tests/interop/systemd.sh.
        $obstacle = if (Test-Path /run/systemd/system) { 'A SYSTEMD RUNS THIS MACHINE' }
        elseif ((id -u) -ne 0) { 'NOT ROOT' }
        elseif (-not (Test-Path /lib/systemd/systemd)) { 'SYSTEMD MISSING' }
        elseif (@(Get-Command unshare, pwsh -ErrorAction Ignore).Count -lt 2) { 'TOOLS MISSING' }
        elseif (-not (Test-Path /sys/fs/cgroup/systemd, /sys/fs/cgroup/cgroup.procs).Contains($true)) { 'NO CONTROL GROUPS' }
    }

    It 'Runs what is registered, and forgets what is unregistered' {
        if ($obstacle) { Set-ItResult -Skipped -Because $obstacle }
        $small = New-SmallStore "$TestDrive/$(New-Guid)" 'a', 'b', 'c'
        $units = (New-Item -ItemType Directory "$TestDrive/units").FullName
        $pwsh = (Get-Command pwsh -CommandType Application | Select-Object -First 1).Source
        Set-Content "$TestDrive/inside.ps1" @"
`$ErrorActionPreference = 'Stop'
Import-Module '$manifest'
`$given = @{ Store = '$($small.Root)'; Executable = '$pwsh' }
Register-StoreMaintenance Backup, Collect @given -RandomizedDelay 0s
Register-StoreMaintenance Backup @given -RandomizedDelay 0s
`$before = Get-StoreMaintenance
systemctl start nixstore-backup.service nixstore-collect.service
`$after = Get-StoreMaintenance
Register-StoreMaintenance Backup @given -Schedule monthly -Force
`$changed = Get-StoreMaintenance backup
Get-StoreMaintenance | Unregister-StoreMaintenance
`$left = systemctl list-units --all --plain --no-legend 'nixstore-*'
Export-Clixml '$TestDrive/result.xml' -InputObject @{
    Before = `$before; After = `$after; Changed = `$changed; Left = @(`$left); Journal = @(journalctl -t nixstore -o cat --no-pager) }
"@
        $began = [DateTimeOffset]::Now
        $said = & (Join-Path $root tests interop systemd.sh) $units "HOME=/root $pwsh -NoProfile -File '$TestDrive/inside.ps1'" *>&1
        $LASTEXITCODE | Should -Be 0 -Because "$said"
        $result = Import-Clixml "$TestDrive/result.xml"
        $result.Before.Name | Should -Be 'backup', 'collect'
        $result.Before.IsEnabled | Should -Be $true, $true
        $result.Before.NextRun | ForEach-Object { [DateTimeOffset] "$_" | Should -BeGreaterThan $began }
        $result.Before.LastResult | Should -Be $null, $null
        $result.After.LastResult | Should -Be 'success', 'success'
        $result.After.LastExitCode | Should -Be 0, 0
        [DateTimeOffset] "$($result.Changed.NextRun)" | Should -BeGreaterOrEqual ([DateTimeOffset] "$($result.Before[0].NextRun)")
        $result.Left | Should -BeNullOrEmpty
        Get-ChildItem $units -Recurse -Force -Name | Should -Not -Match 'nixstore'
        $objects = $result.Journal | Where-Object { $_ -like '{*' } | ConvertFrom-Json
        $objects | Should -HaveCount 2
        $objects.Store | Sort-Object -Unique | Should -Be "local?root=$($small.Root)"
        Get-ChildItem "$($small.Root)/nix/var/nix/nixstore/backups" | Should -HaveCount 1
    }
}
