BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/catalogs.ps1
    . $PSScriptRoot/hydra.ps1
    function Get-SamplePath([int] $Number, [string] $Name) { "/nix/store/$(Get-SampleHashPart $Number)-$Name" }
    $lib, $app, $tool = (Get-SamplePath 1 lib-1.0), (Get-SamplePath 2 app-1.0), (Get-SamplePath 3 tool-1.0)
    $bare = New-SampleCatalog bare
    function Copy-Catalog([string] $Name) { Copy-Item -Recurse $bare (Join-Path $TestDrive $Name); Join-Path $TestDrive $Name }
    $add, $remove = 'Add', 'Remove' | ForEach-Object { "NixStore.PowerShell.Commands.${_}BinaryCacheRootCommand" }
    $find = 'NixStore.PowerShell.Commands.FindBinaryCachePathCommand'
}

Describe 'Add-BinaryCacheRoot' {
    It 'Adds store paths from the pipeline, and each is an origin' {
        $catalog = Copy-Catalog paths
        $lib, $app | Add-BinaryCacheRoot -Catalog $catalog | Should -BeNullOrEmpty
        $roots = Get-BinaryCacheRoot -Catalog $catalog
        $roots | Should -BeOfType NixStore.BinaryCacheRoot
        $roots.Path | Should -Be $lib, $app
        $roots.Origin | Should -Be $lib, $app
        "$($roots[0].Kind)" | Should -Be StorePath
        $roots[0].Name, $roots[0].HashPart, $roots[0].IsInCache, $roots[0].IsExpired, $roots[0].ExpiresAt | Should -Be lib-1.0, (Get-SampleHashPart 1), $true, $false, $null
        ([DateTimeOffset]::UtcNow - $roots[0].AddedAt).TotalMinutes | Should -BeLessThan 5
    }

    It 'Takes objects that have a path and a catalog' {
        $catalog = Copy-Catalog objects
        Find-BinaryCachePath lib* -Catalog $catalog | Add-BinaryCacheRoot
        [pscustomobject]@{ Path = $app } | Add-BinaryCacheRoot -Catalog $catalog -Origin release
        Get-BinaryCacheRoot -Catalog $catalog | ForEach-Object Origin | Should -Be $lib, 'release'
        $other = Copy-Catalog objects-2
        Get-BinaryCacheRoot -Catalog $catalog | Select-Object Path | Add-BinaryCacheRoot -Catalog $other -PassThru | ForEach-Object Path | Should -Be $lib, $app
    }

    It 'Replaces what an origin has brought before' {
        $catalog = Copy-Catalog replace
        Add-BinaryCacheRoot $lib, $app -Origin release -Catalog $catalog
        $added = Add-BinaryCacheRoot $tool -Origin release -Catalog $catalog -PassThru
        $added.Path | Should -Be $tool
        (Get-BinaryCacheRoot -Catalog $catalog).Path | Should -Be $tool
    }

    It 'Pins until a moment' {
        $catalog = Copy-Catalog pin
        $pin = Add-BinaryCacheRoot $lib -ExpiresAfter 30d -Catalog $catalog -PassThru
        "$($pin.Kind)" | Should -Be Pin
        ($pin.ExpiresAt - $pin.AddedAt).TotalDays | Should -Be 30
        (Add-BinaryCacheRoot $app -ExpiresAt 2100-01-01 -Catalog $catalog -PassThru).ExpiresAt.Year | Should -Be 2100
        { Add-BinaryCacheRoot $lib -ExpiresAt 2020-01-01 -Catalog $catalog } | Should -Throw -ErrorId "InvalidExpiry,$add"
        { Add-BinaryCacheRoot $lib -ExpiresAt 2100-01-01 -ExpiresAfter 1d -Catalog $catalog } | Should -Throw -ErrorId "InvalidExpiry,$add"
        { Add-BinaryCacheRoot $lib -ExpiresAfter 30 -Catalog $catalog } | Should -Throw -ErrorId "ParameterArgumentTransformationError,$add"
    }

    It 'Reads lists of store paths, those of the real xz too' {
        $catalog = Copy-Catalog list
        $list = Join-Path $TestDrive store-paths
        [IO.File]::WriteAllText($list, "$lib`n$(Get-SamplePath 9 lost)`n")
        & xz -k $list
        $roots = Add-BinaryCacheRoot -StorePathList "$list.xz" -Catalog $catalog -PassThru
        $roots.Origin | Select-Object -Unique | Should -Be "$list.xz"
        "$($roots[0].Kind)", $roots[0].IsInCache, $roots[1].IsInCache | Should -Be Channel, $true, $false
        Push-Location $TestDrive
        Add-BinaryCacheRoot -StorePathList ./store-paths -Catalog list
        Pop-Location
        (Get-BinaryCacheRoot -Summary -Catalog $catalog).Origin | Should -Be $list, "$list.xz"
    }

    It 'Reads fallback-paths.nix' {
        $catalog = Copy-Catalog fallback
        $file = Join-Path $TestDrive fallback-paths.nix
        Set-Content $file "{`n  x86_64-linux = `"$lib`";`n}"
        $root = Add-BinaryCacheRoot -FallbackPath $file -Origin 'nix 2.34' -Catalog $catalog -PassThru
        "$($root.Kind)", $root.Path, $root.Origin | Should -Be FallbackPaths, $lib, 'nix 2.34'
        Set-Content $file '{ builtins }:'
        { Add-BinaryCacheRoot -FallbackPaths $file -Origin 'nix 2.34' -Catalog $catalog -ErrorAction Stop } | Should -Throw -ErrorId "RootListCorrupt,$add"
        (Get-BinaryCacheRoot -Catalog $catalog).Path | Should -Be $lib
    }

    It 'Keeps what is young' {
        $catalog = Copy-Catalog age
        $rule = Add-BinaryCacheRoot -Newer 90d -Catalog $catalog -PassThru
        "$($rule.Kind)", $rule.Origin, $rule.MaximumAge.TotalDays, $rule.Path, $rule.IsInCache | Should -Be Age, 'age<90d', 90, $null, $null
    }

    It 'Reads Hydra' {
        $postgres = Start-HydraDatabase
        if (-not $postgres) { Set-ItResult -Skipped -Because 'POSTGRESQL MISSING' }
        try {
            Invoke-HydraDatabase $postgres @"
insert into jobsets (project, name) values ('nixos', 'trunk');
insert into builds (id, finished, buildstatus, keep, timestamp, jobset_id, job, drvPath, system, startTime, stopTime)
    values (1, 1, 0, 0, 1, 1, 'a', 'd', 'x86_64-linux', 1, 1), (2, 1, 0, 0, 1, 1, 'a', 'd', 'x86_64-linux', 1, 1), (3, 1, 0, 1, 1, 1, 'b', 'd', 'x86_64-linux', 1, 1);
insert into buildoutputs values (1, 'out', '$lib'), (2, 'out', '$app'), (3, 'out', '$tool');
"@
            $catalog = Copy-Catalog hydra
            (Add-BinaryCacheRoot -HydraJobset nixos:trunk -Database $postgres.Address -Catalog $catalog -PassThru).Path | Should -Be $app, $tool
            Add-BinaryCacheRoot -HydraBuild 1, 99 -Database $postgres.Address -Catalog $catalog -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed.FullyQualifiedErrorId | Should -Be "HydraBuildNotFound,$add"
            Add-BinaryCacheRoot -HydraKept -Database $postgres.Address -Catalog $catalog
            (Get-BinaryCacheRoot -Summary -Catalog $catalog).ForEach({ "$($_.Kind) $($_.Origin) $($_.Count)" }) |
                Should -Be 'HydraBuild build 1 1', 'HydraBuild kept builds 1', 'HydraJobset nixos:trunk 2'
        }
        finally {
            Stop-HydraDatabase $postgres
        }
    }

    It 'Makes an error of each bad path, and adds the others' {
        $catalog = Copy-Catalog bad
        $lib, '/gnu/store/x', '/nix/store/../etc' | Add-BinaryCacheRoot -Catalog $catalog -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -Be "NotInStoreDirectory,$add", "InvalidStorePath,$add"
        $failed[0].TargetObject | Should -Be /gnu/store/x
        (Get-BinaryCacheRoot -Catalog $catalog).Path | Should -Be $lib
    }

    It 'Says what is wrong' {
        { Add-BinaryCacheRoot $lib -Catalog (Join-Path $TestDrive absent) -ErrorAction Stop } | Should -Throw -ErrorId "CatalogNotFound,$add"
        { Add-BinaryCacheRoot -StorePathList (Join-Path $TestDrive absent) -Catalog $bare -ErrorAction Stop } | Should -Throw -ErrorId "RootListNotFound,$add"
        { Add-BinaryCacheRoot -StorePathList http://127.0.0.1:1/x, http://127.0.0.1:1/y -Origin both -Catalog $bare -ErrorAction Stop } | Should -Throw -ErrorId "OriginAmbiguous,$add"
        { Add-BinaryCacheRoot -HydraJobset trunk -Database postgresql://127.0.0.1:1/hydra -Catalog $bare -ErrorAction Stop } | Should -Throw -ErrorId "InvalidHydraJobset,$add"
        { Add-BinaryCacheRoot -MaximumAge 10ms -Catalog $bare -ErrorAction Stop } | Should -Throw -ErrorId "InvalidAge,$add"
    }

    It 'Touches nothing with -WhatIf, not even the server' {
        $catalog = Copy-Catalog whatif
        Add-BinaryCacheRoot $lib -Catalog $catalog -WhatIf
        Add-BinaryCacheRoot -StorePathList http://127.0.0.1:1/store-paths.xz -Catalog $catalog -WhatIf -ErrorAction Stop
        Join-Path $catalog roots | Should -Not -Exist
        Get-BinaryCacheRoot -Catalog $catalog | Should -BeNullOrEmpty
    }
}

Describe 'Get-BinaryCacheRoot' {
    BeforeAll {
        $catalog = Copy-Catalog get
        Add-BinaryCacheRoot $lib, (Get-SamplePath 9 lost) -Origin 'https://x/a[1].xz?y' -Catalog $catalog
        Add-BinaryCacheRoot $app -ExpiresAfter 1ms -Catalog $catalog
        Add-BinaryCacheRoot -MaximumAge 36500d -Catalog $catalog
        Start-Sleep -Milliseconds 20
    }

    It 'Filters' {
        (Get-BinaryCacheRoot https://* -Catalog $catalog).Name | Should -Be lib-1.0, lost
        Get-BinaryCacheRoot HTTPS://* -Catalog $catalog | Should -BeNullOrEmpty
        (Get-BinaryCacheRoot -Kind Pin, Age -Catalog $catalog).ForEach({ "$($_.Kind)" }) | Should -Be Pin, Age
        (Get-BinaryCacheRoot -Expired -Catalog $catalog).Path | Should -Be $app
        ([pscustomobject]@{ Catalog = $catalog } | Get-BinaryCacheRoot).Count | Should -Be 4
    }

    It 'Counts by origin' {
        $summary = Get-BinaryCacheRoot -Summary -Catalog $catalog
        $summary | Should -BeOfType NixStore.BinaryCacheRootSummary
        $summary.Origin | Should -Be $app, 'age<36500d', 'https://x/a[1].xz?y'
        $summary.ForEach({ $_.Count }) | Should -Be 1, 3, 2
        $summary.InCacheCount | Should -Be 1, 3, 1
        $summary.ExpiredCount | Should -Be 1, 0, 0
    }

    It 'Has views' {
        Get-BinaryCacheRoot -Catalog $catalog | Out-String -Width 200 | Should -Match 'Origin: the paths themselves[\s\S]*Pin +\d{4}-\d\d-\d\d! +yes +/nix/store/[\s\S]*narinfos of the last 36500d[\s\S]*no +/nix/store/.*-lost'
        Get-BinaryCacheRoot -Summary -Catalog $catalog | Out-String -Width 200 | Should -Match 'StorePath +2 +1 +0 +\d{4}-\d\d-\d\d +https://x/a'
    }

    It 'Completes origins, and what it completes is found' {
        $line = "Get-BinaryCacheRoot -Catalog '$catalog' -Origin https"
        $completions = (TabExpansion2 $line $line.Length).CompletionMatches
        $completions.ListItemText | Should -Be 'https://x/a[1].xz?y'
        (& ([scriptblock]::Create($line.Substring(0, $line.Length - 5) + $completions[0].CompletionText))).Name | Should -Be lib-1.0, lost
        $line = "Add-BinaryCacheRoot x -Catalog '$catalog' -Origin https"
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be "'https://x/a[1].xz?y'"
        $line = "Remove-BinaryCacheRoot -Catalog /absent -Origin h"
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Not -Match https
    }
}

Describe 'Remove-BinaryCacheRoot' {
    BeforeEach {
        $catalog = Copy-Catalog "remove-$([guid]::NewGuid())"
        Add-BinaryCacheRoot $lib, $app -Origin release-1 -Catalog $catalog
        Add-BinaryCacheRoot $app, $tool -Origin release-2 -Catalog $catalog
        Add-BinaryCacheRoot $lib -Origin pin -ExpiresAfter 1ms -Catalog $catalog
        function Get-Remaining { (Get-BinaryCacheRoot -Catalog $catalog).ForEach({ "$($_.Origin) $($_.Name)" }) }
        Start-Sleep -Milliseconds 5
    }

    It 'Removes origins' {
        $removed = Remove-BinaryCacheRoot release-* -Catalog $catalog -PassThru
        $removed.Count | Should -Be 4
        Get-Remaining | Should -Be 'pin lib-1.0'
    }

    It 'Removes paths and hash parts of whatever origin' {
        Remove-BinaryCacheRoot -Path $app -Catalog $catalog | Should -BeNullOrEmpty
        Get-Remaining | Should -Be 'pin lib-1.0', 'release-1 lib-1.0', 'release-2 tool-1.0'
        Remove-BinaryCacheRoot -HashPart (Get-SampleHashPart 1) -Catalog $catalog
        Get-Remaining | Should -Be 'release-2 tool-1.0'
    }

    It 'Removes what has expired' {
        (Remove-BinaryCacheRoot -Expired -Catalog $catalog -PassThru).Origin | Should -Be pin
        (Get-Remaining).Count | Should -Be 4
        Remove-BinaryCacheRoot -Expired -Catalog $catalog -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'Removes what is piped, and nothing else' {
        Get-BinaryCacheRoot release-1 -Catalog $catalog | Where-Object Name -EQ app-1.0 | Remove-BinaryCacheRoot
        Get-Remaining | Should -Be 'pin lib-1.0', 'release-1 lib-1.0', 'release-2 app-1.0', 'release-2 tool-1.0'
    }

    It 'Touches nothing with -WhatIf' {
        Remove-BinaryCacheRoot * -Catalog $catalog -WhatIf
        Get-BinaryCacheRoot -Catalog $catalog | Remove-BinaryCacheRoot -WhatIf
        (Get-Remaining).Count | Should -Be 5
    }

    It 'Says what is not there' {
        { Remove-BinaryCacheRoot absent -Catalog $catalog -ErrorAction Stop } | Should -Throw -ErrorId "RootNotFound,$remove"
        { Remove-BinaryCacheRoot -Path (Get-SamplePath 9 lost) -Catalog $catalog -ErrorAction Stop } | Should -Throw -ErrorId "RootNotFound,$remove"
        { Remove-BinaryCacheRoot -Path /etc -Catalog $catalog -ErrorAction Stop } | Should -Throw -ErrorId "NotInStoreDirectory,$remove"
        Remove-BinaryCacheRoot absent-* -Catalog $catalog -ErrorAction Stop
        Remove-BinaryCacheRoot absent, pin -Catalog $catalog -ErrorAction SilentlyContinue
        (Get-Remaining).Count | Should -Be 4
    }
}

Describe 'Reachability' {
    BeforeAll {
        $catalog = Copy-Catalog reach
        Add-BinaryCacheRoot $app -Catalog $catalog
    }

    It 'Finds what roots lead to, and how far away it is' {
        $found = Find-BinaryCachePath -Reachable -Catalog $catalog | Sort-Object Depth
        $found.Path | Should -Be $app, $lib
        $found.Depth | Should -Be 0, 1
        $found = Find-BinaryCachePath -Unreachable -Catalog $catalog
        $found.Path, $found.Depth | Should -Be $tool, $null
        Find-BinaryCachePath -Unreachable lib* -Catalog $catalog | Should -BeNullOrEmpty
        (Find-BinaryCachePath lib* -Catalog $catalog).Depth | Should -BeNullOrEmpty
        { Find-BinaryCachePath -Reachable -Unreachable -Catalog $catalog } | Should -Throw -ErrorId "AmbiguousParameterSet,$find"
    }

    It 'Asks once for a whole pipeline' {
        $found = 1..3 | ForEach-Object { [pscustomobject]@{ HashPart = Get-SampleHashPart $_ } } | Find-BinaryCachePath -Reachable -Catalog $catalog
        $found.Path | Should -Be $lib, $app
    }

    It 'Measures' {
        $groups = Measure-BinaryCache $catalog -GroupBy Reachability
        $groups.ForEach({ "$($_.Group) $($_.PathCount) $($_.FileSize)" }) | Sort-Object | Should -Be 'Reachable 1 100', 'Root 1 200', 'Unreachable 1 300'
    }

    It 'Says nothing of a catalog without roots' {
        { Find-BinaryCachePath -Unreachable -Catalog $bare -ErrorAction Stop } | Should -Throw -ErrorId "CatalogHasNoRoots,$find"
        { Find-BinaryCachePath -Reachable -Catalog $bare -ErrorAction Stop } | Should -Throw -ErrorId "CatalogHasNoRoots,$find"
        { Measure-BinaryCache $bare -GroupBy Reachability -ErrorAction Stop } | Should -Throw -ErrorId 'CatalogHasNoRoots,NixStore.PowerShell.Commands.MeasureBinaryCacheCommand'
    }

    It 'Finds orphans' {
        { Find-BinaryCachePath -Orphan -Catalog $catalog -ErrorAction Stop } | Should -Throw -ErrorId "CatalogTableEmpty,$find"
        $dump = Join-Path $TestDrive outputs.csv
        Set-Content $dump "1,1,out,$app"
        $null = Import-HydraBuildOutput -Path $dump -Catalog $catalog
        (Find-BinaryCachePath -Orphan -Catalog $catalog).Name | Sort-Object | Should -Be lib-1.0, tool-1.0
        (Find-BinaryCachePath -Orphan -Unreachable -Catalog $catalog).Name | Should -Be tool-1.0
    }
}
