BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    . $PSScriptRoot/stores.ps1
    $obstacle = Get-LabObstacle
    $isRoot = (id -u) -eq 0
    if (-not $isRoot) { Write-Warning 'NOT ROOT: the roots of other users'' processes cannot be read, so nothing is collected, and these tests skip' }
}

BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/stores.ps1
    . $PSScriptRoot/garbage.ps1
    $WarningPreference = 'SilentlyContinue'
    $failed = 'NixStore.PowerShell.Commands.InvokeStoreGarbageCollectionCommand'

    # Holds the collector's lock by another process, as a collection of Nix does.
    function Invoke-OtherCollection($Small) { Start-LockHolder "$($Small.Root)/nix/var/nix/gc.lock" }
}

Describe 'Invoke-StoreGarbageCollection' -Skip:(-not $isRoot) {
    BeforeEach {
        $small = New-GarbageStore
        $s = @{ Store = $small.Root; Confirm = $false }
    }

    It 'Deletes what no root needs, and says how much that was' {
        $predicted = (Measure-NixStore -Store $small.Root).ReclaimableSize
        $collection = Invoke-StoreGarbageCollection @s
        $collection.GetType().FullName | Should -Be 'NixStore.StoreCollection'
        $collection.RemovedCount, $collection.InUseCount, $collection.FailedCount, $collection.FreedBytes | Should -Be 4, 0, 0, $predicted
        Get-StoreName $small | Should -Be 'app', 'lib', 'libc'
        Get-RowName $small | Should -Be 'app', 'lib', 'libc'
        $collection.Journal | Should -BeLike "$($small.Root)/nix/var/nix/nixstore/journal/*.jsonl"
        Get-Content $collection.Journal | ForEach-Object { $_ | ConvertFrom-Json } | Should -Not -BeNullOrEmpty
        (Invoke-StoreGarbageCollection @s).RemovedCount | Should -Be 0
    }

    It 'Gives an object for each thing with -PassThru, and no sum' {
        $items = Invoke-StoreGarbageCollection @s -PassThru
        $items | ForEach-Object { $_.GetType().FullName } | Sort-Object -Unique | Should -Be 'NixStore.StoreCollectionItem'
        $items | Should -HaveCount 4
        $items.Outcome | Sort-Object -Unique | Should -Be 'Deleted'
        $items.LiteralPath | Should -Contain $small.PathOf('old')
    }

    It 'Collects what a plan says: <what>' -ForEach @(
        @{ what = 'piped'; collect = { New-StoreGarbagePlan *-old* -Store $small.Root | Invoke-StoreGarbageCollection -Confirm:$false } }
        @{ what = 'saved'; collect = {
                (New-StoreGarbagePlan *-old* -Store $small.Root).ToJson() | Set-Content (Join-Path $TestDrive plan.json)
                Invoke-StoreGarbageCollection -Plan (Join-Path $TestDrive plan.json) -Confirm:$false
            }
        }
        @{ what = 'its path piped'; collect = {
                (New-StoreGarbagePlan *-old* -Store $small.Root).ToJson() | Set-Content (Join-Path $TestDrive plan.json)
                Join-Path $TestDrive plan.json | Invoke-StoreGarbageCollection -Confirm:$false
            }
        }
    ) {
        (& $collect).RemovedCount | Should -Be 2
        Get-StoreName $small | Should -Be 'app', 'lib', 'libc', 'lone', 'stray'
    }

    It 'Takes a store from the pipeline' {
        (Get-NixStore -Store $small.Root | Invoke-StoreGarbageCollection -Confirm:$false).RemovedCount | Should -Be 4
    }

    It 'Leaves out and reports what came alive since the plan, and what is gone' {
        $plan = New-StoreGarbagePlan -Store $small.Root
        $null = New-Item -ItemType SymbolicLink "$($small.Root)/nix/var/nix/gcroots/new" -Target $small.PathOf('old')
        Remove-Item -Force $small.RealPathOf('stray')
        $items = $plan | Invoke-StoreGarbageCollection -PassThru -Confirm:$false
        $items | ForEach-Object { "$($_.Path -replace '.*-') $($_.Outcome)" } | Sort-Object | Should -Be 'lone Deleted', 'old InUse', 'older Deleted', 'stray Gone'
        $items.Where{ $_.Outcome -eq 'InUse' }.Reason | Should -BeLike 'the root */gcroots/new keeps it'
        $again = $plan | Invoke-StoreGarbageCollection -Confirm:$false
        $again.RemovedCount, $again.InUseCount | Should -Be 0, 1
        Get-RowName $small | Should -Be 'app', 'lib', 'libc', 'old'
    }

    It 'Does not collect what only an assumption made garbage' {
        $collection = Get-StoreRoot *-app -Store $small.Root | New-StoreGarbagePlan | Invoke-StoreGarbageCollection -Confirm:$false
        $collection.InUseCount | Should -Be 3
        Get-RowName $small | Should -Be 'app', 'lib', 'libc'
    }

    It 'Refuses a plan of another store' {
        New-StoreGarbagePlan -Store $small.Root | Invoke-StoreGarbageCollection -Store (New-GarbageStore).Root -Confirm:$false -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -Be "PlanOfOtherStore,$failed"
    }

    It 'Tells a plan that is <what>' -ForEach @(
        @{ what = 'not there'; text = $null; id = 'PathNotFound' }
        @{ what = 'damaged'; text = 'x'; id = 'PlanDamaged' }
    ) {
        $file = Join-Path $TestDrive "$([guid]::NewGuid()).json"
        if ($text) { Set-Content $file $text }
        $failure = { Invoke-StoreGarbageCollection -Plan $file -Confirm:$false } | Should -Throw -ErrorId "ParameterArgumentTransformationError,$failed" -PassThru
        Get-InnerErrorId $failure | Should -Be $id
    }

    It 'Says what would go with -WhatIf, and touches nothing: <what>' -ForEach @(
        @{ what = 'everything'; run = { Invoke-StoreGarbageCollection -Store $small.Root -WhatIf -Verbose }; expected = '4 things of *'; count = 4 }
        @{ what = 'a plan'; run = { New-StoreGarbagePlan *-old* -Store $small.Root | Invoke-StoreGarbageCollection -WhatIf -Verbose }; expected = '2 things of *'; count = 2 }
        @{ what = 'by preference'; run = { & { $WhatIfPreference = $true; $VerbosePreference = 'Continue'; Invoke-StoreGarbageCollection -Store $small.Root } }; expected = '4 things of *'; count = 4 }
    ) {
        $before = Get-Trace $small.Root
        $log = Join-Path $TestDrive "$([guid]::NewGuid()).log"
        Start-Transcript $log | Out-Null
        try { $said = & $run 4>&1 } finally { Stop-Transcript | Out-Null }
        @($said | Where-Object { $_ -is [Management.Automation.VerboseRecord] -and "$_" -like '/nix/store/*' }) | Should -HaveCount $count
        $said | Where-Object { $_ -isnot [Management.Automation.VerboseRecord] } | Should -BeNullOrEmpty
        Get-Content -Raw $log | Should -BeLike "*`"$expected"
        Get-Trace $small.Root | Should -Be $before
    }

    It 'Asks before it deletes anything' {
        (Get-Command Invoke-StoreGarbageCollection).ImplementingType.GetCustomAttributes([Management.Automation.CmdletAttribute], $false).ConfirmImpact | Should -Be 'High'
        $said = & $shell @shellLibrary -NoProfile -NonInteractive -Command "Import-Module '$manifest'; Invoke-StoreGarbageCollection -Store '$($small.Root)'" 2>&1
        "$said" | Should -Not -BeNullOrEmpty
        Get-RowName $small | Should -HaveCount 6
    }

    It 'Waits for another collection no longer than it is told: <timeout>' -ForEach @(@{ timeout = 1 }, @{ timeout = [timespan]'0:0:1' }, @{ timeout = '0:0:1' }) {
        $other = Invoke-OtherCollection $small
        try {
            $watch = [Diagnostics.Stopwatch]::StartNew()
            Invoke-StoreGarbageCollection @s -Timeout $timeout -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $watch.Elapsed.TotalSeconds | Should -BeGreaterThan 0.9
            $watch.Elapsed.TotalSeconds | Should -BeLessThan $soon
            $failure[0].FullyQualifiedErrorId | Should -Be "StoreLocked,$failed"
            Get-RowName $small | Should -HaveCount 6
        }
        finally {
            $other.Kill($true)
        }
    }

    It 'Shows that it waits, and stops when it is told to' {
        $other = Invoke-OtherCollection $small
        $shell = [powershell]::Create([Management.Automation.RunspaceMode]::NewRunspace)
        try {
            $null = $shell.AddScript("Import-Module '$manifest'; Invoke-StoreGarbageCollection -Store '$($small.Root)' -Confirm:`$false")
            $run = $shell.BeginInvoke()
            Wait-Condition { $run.IsCompleted -or $shell.Streams.Progress.Where{ $_.StatusDescription -like 'waiting*' } }
            $shell.Streams.Progress.StatusDescription | Should -Contain 'waiting until another collection or verification ends'
            $run.IsCompleted | Should -BeFalse
            $shell.Stop()
            $shell.InvocationStateInfo.State | Should -Be 'Stopped'
        }
        finally {
            $shell.Dispose()
            $other.Kill($true)
        }

        (Invoke-StoreGarbageCollection @s).RemovedCount | Should -Be 4
    }

    It 'Stops in the middle and leaves a store of which the rest can be collected' {
        # Paths of many files: some are deleted when the first is reported, and others are not. Where all are, more are made.
        $count = 40
        do {
            $count *= 2
            $count | Should -BeLessThan 2000 -Because 'something must be left to collect'
            foreach ($number in 1..$count) {
                $null = $small.Add("big$number", @(), '', $null)
                $path = $small.RealPathOf("big$number")
                sh -c "rm -f $path; mkdir $path; cd $path; seq 800 | xargs touch"
            }

            $shell = [powershell]::Create([Management.Automation.RunspaceMode]::NewRunspace)
            try {
                $null = $shell.AddScript("Import-Module '$manifest'; Invoke-StoreGarbageCollection -Store '$($small.Root)' -Confirm:`$false -PassThru -ThrottleLimit 1")
                $output = [Management.Automation.PSDataCollection[psobject]]::new()
                $run = $shell.BeginInvoke([Management.Automation.PSDataCollection[psobject]]::new(), $output)
                Wait-Condition { $output.Count -or $run.IsCompleted }
                $shell.Stop()
                $state = $shell.InvocationStateInfo.State
            }
            finally {
                $shell.Dispose()
            }

            # A batch that had begun is brought to its end; then the lock is free.
            flock -w 300 "$($small.Root)/nix/var/nix/gc.lock" true
            $LASTEXITCODE | Should -Be 0
            $rows = Get-RowName $small
        } while ($rows.Count -le 3)

        $state | Should -Be 'Stopped'
        $there = Get-StoreName $small
        foreach ($row in $rows) { $there | Should -Contain $row }
        $collection = Invoke-StoreGarbageCollection @s
        $collection.RemovedCount | Should -BeGreaterThan 0
        Get-StoreName $small | Should -Be 'app', 'lib', 'libc'
        Get-RowName $small | Should -Be 'app', 'lib', 'libc'
    }

    It 'Reports what cannot be removed, and removes the rest' {
        $lone = $small.RealPathOf('lone')
        chattr +i $lone 2>$null
        if ($LASTEXITCODE) { Set-ItResult -Skipped -Because 'NO CHATTR ON THIS FILE SYSTEM' }
        try {
            $collection = Invoke-StoreGarbageCollection @s -ErrorVariable failure -ErrorAction SilentlyContinue
            $collection.FailedCount, $collection.RemovedCount | Should -Be 1, 3
            $failure.FullyQualifiedErrorId | Should -Match ",$failed`$"
            $failure.TargetObject | Should -BeLike '*-lone'
            Get-RowName $small | Should -Be 'app', 'lib', 'libc', 'lone'
        }
        finally {
            chattr -i $lone
        }
    }

    It 'Shows sums and things in tables' {
        Invoke-StoreGarbageCollection @s -PassThru | Out-String -Width 160 | Should -Match 'Deleted\s+Dead\s+52\.0 KiB /nix/store/\S*-lone'
        Invoke-StoreGarbageCollection @s | Out-String -Width 160 | Should -Match 'Removed\s+Freed\s+In use'
    }

    # Names that are not UTF-8 are more than TestDrive can delete.
    AfterAll { rm -rf "$TestDrive/lab" }

    It 'Satisfies real Nix' -Skip:([bool]$obstacle) {
        $lab = Join-Path $TestDrive lab
        Copy-LabStore $lab
        $nix = "$nixLab/nix/bin/nix234-store"
        $live = & $nix --store "local?root=$lab" --gc --print-live 2>$null | Sort-Object
        $null = Invoke-StoreGarbageCollection -Store $lab -Confirm:$false
        (Get-StorePath -Store $lab).Path | Sort-Object | Should -Be $live
        & $nix --store "local?root=$lab" --verify --check-contents *> $null
        $LASTEXITCODE | Should -Be 0
        & $nix --store "local?root=$lab" --gc --print-dead 2>$null | Should -BeNullOrEmpty
    }
}
