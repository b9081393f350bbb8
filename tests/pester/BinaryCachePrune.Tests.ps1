BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/catalogs.ps1
    . $PSScriptRoot/hydra.ps1
    $old = [datetime]'2025-01-01T00:00:00Z'
    $no = @{ NarDelay = '0s'; SettleDelay = '0s'; Confirm = $false }

    # A cache with two images, of which one refers to something that goes, too, and a plan for them.
    function New-PrunePlan {
        [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
        param([string] $Name)
        $directory = Join-Path $TestDrive "$Name-cache"
        $cache = New-SampleCache $directory @(
            @{ Name = 'hello-2.12'; Time = $old }
            @{ Name = 'nixos-minimal-1.iso'; Size = 1000; Time = $old; References = "$(Get-SampleHashPart 3)-nixos-part-2.iso" }
            @{ Name = 'nixos-part-2.iso'; Size = 1100; Time = $old; References = "$(Get-SampleHashPart 1)-hello-2.12" }
        )
        Set-Content (Join-Path $directory "$(Get-SampleHashPart 2).ls") '{}'
        $catalog = Join-Path $TestDrive "$Name.catalog"
        $null = Import-BinaryCacheInventory -BinaryCache $cache -Catalog $catalog
        $null = Update-BinaryCacheCatalog $catalog
        New-BinaryCachePrunePlan (Join-Path $TestDrive "$Name.plan") -Catalog $catalog -Class Iso -MinimumAge 0s -KeepRoots:$false
    }

    function Get-Object([string] $Name) {
        Get-ChildItem -Recurse -File (Join-Path $TestDrive "$Name-cache") | Where-Object FullName -NotLike '*nixstore-trash*' | ForEach-Object { "$($_.Name) $((Get-FileHash $_).Hash)" } | Sort-Object
    }
}

Describe 'Invoke-BinaryCachePrune' {
    It 'Changes nothing with -WhatIf' {
        $plan = New-PrunePlan whatif
        $before = Get-ChildItem -Recurse $TestDrive/whatif-cache, $plan.Plan | Select-Object -ExpandProperty FullName
        $plan | Invoke-BinaryCachePrune -WhatIf | Should -BeNullOrEmpty
        Get-ChildItem -Recurse $TestDrive/whatif-cache, $plan.Plan | Select-Object -ExpandProperty FullName | Should -Be $before
    }

    It 'Does what is due, and says when the next step is' {
        $plan = New-PrunePlan due
        $results = $plan | Invoke-BinaryCachePrune -Confirm:$false
        $results | Should -BeOfType NixStore.BinaryCachePruneResult
        $results.Step | Should -Be 'Reconcile', 'NarInfos', 'Wait'
        $results[1].ObjectCount | Should -Be 3
        $results[-1].NextDue | Should -BeGreaterThan ([DateTimeOffset]::Now.AddDays(29))
        Get-Object due | Where-Object { $_ -like '*.nar.xz*' } | Should -HaveCount 3
        (Invoke-BinaryCachePrune $plan.Plan -Confirm:$false).Step | Should -Be 'Reconcile', 'Wait'
        { Invoke-BinaryCachePrune $plan.Plan -Mode Delete -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'PruneModeDiffers,NixStore.PowerShell.Commands.InvokeBinaryCachePruneCommand'
    }

    It 'Ends, and does nothing after that' {
        $plan = New-PrunePlan ends
        $results = $plan | Invoke-BinaryCachePrune @no
        $results.Step | Should -Be 'Reconcile', 'NarInfos', 'Reconcile', 'Nars', 'Reconcile', 'Settle', 'Finished'
        $results[-1].IsFinished | Should -BeTrue
        Get-Object ends | Should -HaveCount 3
        (Invoke-BinaryCachePrune $plan @no).Step | Should -Be 'Finished'
    }

    It 'Takes folders of plans from the pipeline' {
        $plan = New-PrunePlan pipeline
        Get-Item $plan.Plan | Approve-BinaryCachePrunePlan -PassThru | ForEach-Object Id | Should -Be $plan.Id
        $plan.Plan | Test-BinaryCachePrunePlan -Catalog (Join-Path $TestDrive pipeline.catalog) | Where-Object { -not $_.IsPassed } | Should -BeNullOrEmpty
        (Get-Item $plan.Plan | Invoke-BinaryCachePrune -Confirm:$false).Step | Should -Be 'Reconcile', 'NarInfos', 'Wait'
        ($plan.Plan | Invoke-BinaryCachePrune -Confirm:$false).Step | Should -Be 'Reconcile', 'Wait'
    }

    It 'Wants an approval of a large plan' {
        $plan = New-PrunePlan approval
        $large = New-BinaryCachePrunePlan (Join-Path $TestDrive large.plan) -Catalog (Join-Path $TestDrive approval.catalog) -Class Iso -MinimumAge 0s -KeepRoots:$false -ApprovalCount 1
        { $large | Invoke-BinaryCachePrune @no -ErrorAction Stop } | Should -Throw -ErrorId 'PlanNotApproved,NixStore.PowerShell.Commands.InvokeBinaryCachePruneCommand'
        $large | Approve-BinaryCachePrunePlan
        ($large | Invoke-BinaryCachePrune @no)[-1].IsFinished | Should -BeTrue
        $plan | Should -Not -BeNullOrEmpty
    }

    It 'Refuses what cannot be pruned' {
        $plan = New-PrunePlan refused
        { $plan | Invoke-BinaryCachePrune -Mode Tag @no -ErrorAction Stop } | Should -Throw -ErrorId 'PruneModeNotSupported,*'
        { $plan | Invoke-BinaryCachePrune -BinaryCache https://cache.invalid @no -ErrorAction Stop } | Should -Throw -ErrorId 'BinaryCacheReadOnly,*'
        { Invoke-BinaryCachePrune (Join-Path $TestDrive none.plan) @no -ErrorAction Stop } | Should -Throw -ErrorId 'PrunePlanNotFound,*'
    }
}

Describe 'The trash of a binary cache' {
    BeforeAll {
        $plan = New-PrunePlan trash
        $before = Get-Object trash
        $cache = Join-Path $TestDrive trash-cache
        $null = $plan | Invoke-BinaryCachePrune @no
    }

    It 'Is told by the cache alone' {
        $items = Get-BinaryCacheTrash $cache
        $items | Should -BeOfType NixStore.BinaryCacheTrashItem
        $items.Name | Should -Be 'nixos-minimal-1.iso', 'nixos-part-2.iso'
        $items[0].ObjectCount | Should -Be 3
        $items[0].IsNarTrashed | Should -BeTrue
        (Get-BinaryCacheTrash $cache *-part-*).HashPart | Should -Be (Get-SampleHashPart 3)
        $summary = Get-BinaryCacheTrash $cache -Summary
        $summary | Should -BeOfType NixStore.BinaryCacheTrash
        $summary.PlanId, $summary.PathCount, $summary.ObjectCount, $summary.Method | Should -Be $plan.Id, 2, 5, 'Rename'
        (TabExpansion2 "Get-BinaryCacheTrash '$cache' -PlanId ").CompletionMatches.CompletionText | Should -Be $plan.Id
    }

    It 'Gives paths back with what they lead to, and nothing with -WhatIf' {
        Get-BinaryCacheTrash $cache *-minimal-* | Restore-BinaryCacheTrash -WhatIf | Should -BeNullOrEmpty
        Get-Object trash | Should -HaveCount 3
        $result = Get-BinaryCacheTrash $cache *-minimal-* | Restore-BinaryCacheTrash
        $result | Should -BeOfType NixStore.BinaryCacheTrashResult
        $result.ObjectCount | Should -Be 5
        Get-Object trash | Should -Be $before
        Get-BinaryCacheTrash $cache | Should -BeNullOrEmpty
    }

    It 'Says what it does not have' {
        { Restore-BinaryCacheTrash $cache nothing-1.0 -ErrorAction Stop } | Should -Throw -ErrorId 'TrashItemNotFound,NixStore.PowerShell.Commands.RestoreBinaryCacheTrashCommand'
        { Restore-BinaryCacheTrash $cache -ErrorAction Stop } | Should -Throw -ErrorId 'NothingChosen,NixStore.PowerShell.Commands.RestoreBinaryCacheTrashCommand'
        { Get-BinaryCacheTrash $cache -PlanId 20200101T000000Z-00000000 -Summary -ErrorAction Stop } | Should -Throw -ErrorId 'TrashPlanNotFound,NixStore.PowerShell.Commands.GetBinaryCacheTrashCommand'
    }

    It 'Heals by access logs what was asked for in vain' {
        $plan = New-PrunePlan heal
        $before = Get-Object heal
        $null = $plan | Invoke-BinaryCachePrune @no
        $log = Join-Path $TestDrive access.log
        Set-Content $log "127.0.0.1 - - [$([datetime]::UtcNow.AddMinutes(1).ToString('dd/MMM/yyyy:HH:mm:ss', [cultureinfo]::InvariantCulture)) +0000] `"GET /$(Get-SampleHashPart 3).narinfo HTTP/1.1`" 404 9"
        (Restore-BinaryCacheTrash (Join-Path $TestDrive heal-cache) -FromAccessLog $log).ObjectCount | Should -Be 2
        (Get-BinaryCacheTrash (Join-Path $TestDrive heal-cache)).Name | Should -Be 'nixos-minimal-1.iso'
        $null = Restore-BinaryCacheTrash (Join-Path $TestDrive heal-cache) -All
        Get-Object heal | Should -Be $before
    }

    It 'Takes logs by wildcards, and tells a wildcard that has none' {
        $null = New-PrunePlan wildcard | Invoke-BinaryCachePrune @no
        $cache = Join-Path $TestDrive wildcard-cache
        $logs = (New-Item -ItemType Directory (Join-Path $TestDrive logs)).FullName
        $line = "127.0.0.1 - - [$([datetime]::UtcNow.AddMinutes(1).ToString('dd/MMM/yyyy:HH:mm:ss', [cultureinfo]::InvariantCulture)) +0000] `"GET /$(Get-SampleHashPart 2).narinfo HTTP/1.1`" 404 9`n"
        $file = [IO.Compression.GZipStream]::new([IO.File]::Create((Join-Path $logs 'one.gz')), [IO.Compression.CompressionMode]::Compress)
        $file.Write([Text.Encoding]::UTF8.GetBytes($line))
        $file.Dispose()

        # What the path that somebody has missed refers to stays, too.
        Clear-BinaryCacheTrash $cache -FromAccessLog (Join-Path $logs *.gz) -Confirm:$false | ForEach-Object ObjectCount | Should -Be 0
        (Get-BinaryCacheTrash $cache).Name | Should -Be 'nixos-minimal-1.iso', 'nixos-part-2.iso'
        { Clear-BinaryCacheTrash $cache -FromAccessLog (Join-Path $logs *.zst) -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'AccessLogNotFound,NixStore.PowerShell.Commands.ClearBinaryCacheTrashCommand'
        { Restore-BinaryCacheTrash $cache -FromAccessLog (Join-Path $logs *.zst) -ErrorAction Stop } | Should -Throw -ErrorId 'AccessLogNotFound,NixStore.PowerShell.Commands.RestoreBinaryCacheTrashCommand'
        (Restore-BinaryCacheTrash $cache -FromAccessLog (Join-Path $logs *.gz)).ObjectCount | Should -Be 5
    }

    It 'Is not cleared when a log cannot be read' {
        $null = New-PrunePlan unreadable | Invoke-BinaryCachePrune @no
        $cache = Join-Path $TestDrive unreadable-cache
        $logs = New-Item -ItemType Directory (Join-Path $TestDrive unreadable-logs)
        Set-Content (Join-Path $logs one.log) "127.0.0.1 - - [$([datetime]::UtcNow.AddMinutes(1).ToString('dd/MMM/yyyy:HH:mm:ss', [cultureinfo]::InvariantCulture)) +0000] `"GET /nix-cache-info HTTP/1.1`" 200 9"
        Set-Content (Join-Path $logs two.gz) 'no gzip'
        Clear-BinaryCacheTrash $cache -FromAccessLog $logs -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'AccessLogUnreadable,*'
        Get-BinaryCacheTrash $cache | Should -HaveCount 2
    }

    It 'Is cleared of the paths of the pipeline only' {
        $null = New-PrunePlan some | Invoke-BinaryCachePrune @no
        $cache = Join-Path $TestDrive some-cache
        Get-BinaryCacheTrash $cache *-minimal-* | Clear-BinaryCacheTrash -WhatIf | Should -BeNullOrEmpty
        (Get-BinaryCacheTrash $cache *-minimal-* | Clear-BinaryCacheTrash -Confirm:$false).ObjectCount | Should -Be 3
        (Get-BinaryCacheTrash $cache).Name | Should -Be 'nixos-part-2.iso'
        Get-BinaryCacheTrash $cache | Clear-BinaryCacheTrash -Confirm:$false -ErrorAction Stop | Should -HaveCount 1
        Get-BinaryCacheTrash $cache -Summary | Should -BeNullOrEmpty
    }

    It 'Tells what is found nowhere' {
        $null = New-PrunePlan lost | Invoke-BinaryCachePrune @no
        $cache = Join-Path $TestDrive lost-cache
        $null = Get-BinaryCacheTrash $cache *-part-* | Clear-BinaryCacheTrash -Confirm:$false
        $result = Restore-BinaryCacheTrash $cache *-minimal-* -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'TrashObjectLost,*'
        $result.Lost | Should -Be "$(Get-SampleHashPart 3).narinfo"
        $result.LostCount | Should -Be 1
    }

    It 'Is cleared by age, of plans that are through' {
        $null = New-PrunePlan clear | Invoke-BinaryCachePrune -NarDelay 0s -Confirm:$false
        $cache = Join-Path $TestDrive clear-cache
        { Clear-BinaryCacheTrash $cache -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'PlanNotSettled,NixStore.PowerShell.Commands.ClearBinaryCacheTrashCommand'
        $null = Invoke-BinaryCachePrune (Join-Path $TestDrive clear.plan) @no
        Clear-BinaryCacheTrash $cache -OlderThan 60d -Confirm:$false | Should -BeNullOrEmpty
        Clear-BinaryCacheTrash $cache -WhatIf | Should -BeNullOrEmpty
        Get-BinaryCacheTrash $cache | Should -HaveCount 2
        (Clear-BinaryCacheTrash $cache -Confirm:$false).ObjectCount | Should -Be 5
        Join-Path $cache nixstore-trash | Get-ChildItem -Recurse -File | Should -BeNullOrEmpty
    }
}

Describe "Hydra's rows" {
    BeforeAll {
        $server = Start-HydraDatabase
    }

    AfterAll {
        Stop-HydraDatabase $server
    }

    It 'Go with the paths, and come back with them' {
        if (-not $server) { Set-ItResult -Skipped -Because 'POSTGRESQL MISSING' }
        $plan = New-PrunePlan hydra
        $null = Invoke-HydraDatabase $server @"
insert into builds (id, finished, timestamp, jobset_id, job, drvpath, system) values (1, 1, 1, 1, 'job', '/x.drv', 's');
insert into buildsteps (build, stepnr, type, drvpath, busy) values (1, 1, 0, '/x.drv', 0), (1, 2, 0, '/x.drv', 0);
insert into buildstepoutputs (build, stepnr, name, path) values (1, 1, 'out', '/nix/store/$(Get-SampleHashPart 2)-nixos-minimal-1.iso'), (1, 2, 'out', '/nix/store/$(Get-SampleHashPart 1)-hello-2.12');
"@
        $results = $plan | Invoke-BinaryCachePrune @no -HydraConnection $server.Address
        ($results | Where-Object Step -EQ HydraRows).ObjectCount | Should -Be 1
        Invoke-HydraDatabase $server 'select count(*) from buildstepoutputs' | Should -Be 1
        (Restore-BinaryCacheTrash (Join-Path $TestDrive hydra-cache) *-minimal-* -HydraConnection $server.Address).HydraRowCount | Should -Be 1
        Invoke-HydraDatabase $server 'select count(*) from buildstepoutputs' | Should -Be 2
    }
}
