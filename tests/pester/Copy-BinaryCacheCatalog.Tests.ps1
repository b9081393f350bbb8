BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    & (Join-Path $root tests interop clickhouse.sh) find 2>$null
    $hasServer = $LASTEXITCODE -eq 0
    if (-not $hasServer) { Write-Warning 'CLICKHOUSE MISSING: tests/interop/clickhouse.sh needs Debian''s package clickhouse-server; tests of catalogs on a cluster skip' }
}

Describe 'A catalog on a ClickHouse cluster' -Skip:(-not $hasServer) {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        Import-Module $manifest
        . $PSScriptRoot/catalogs.ps1
        . $PSScriptRoot/clickhouse.ps1
        $cluster = Start-ClickHouseCluster
        $engine = $cluster.Address
        $cacheDirectory = Join-Path $TestDrive cache
        $cache = New-SampleCache $cacheDirectory @(
            @{ Name = 'lib-1.0'; System = 'x86_64-linux' }
            @{ Name = 'app-1.0'; System = 'aarch64-linux'; References = "$(Get-SampleHashPart 1)-lib-1.0 $(Get-SampleHashPart 9)-lost-1.0"; Time = [datetime]'2025-06-01T00:00:00Z' }
            @{ Name = 'nixos-minimal-23.11.iso'; Size = 100000; Time = [datetime]'2024-01-01T00:00:00Z' }
            @{ Name = 'source'; Fixed = $true; Url = 'nar/1.nar.xz'; Size = 100; Compression = 'zstd' }
        )
        Set-Content (Join-Path $cacheDirectory nar nobody.nar.xz) '0123456789' -NoNewline
        $catalog = Join-Path $TestDrive cache.catalog
        $null = Import-BinaryCacheInventory -BinaryCache $cache -Catalog $catalog | Update-BinaryCacheCatalog
        $null = Add-BinaryCacheRoot "/nix/store/$(Get-SampleHashPart 2)-app-1.0" -Catalog $catalog
        function Get-Text($Object, $Catalog) { @($Object | ForEach-Object { ($_ | ConvertTo-Json -Compress -Depth 4).Replace(($Catalog | ConvertTo-Json), '"here"') }) }
    }

    AfterAll { Stop-ClickHouseCluster $cluster }

    It 'Comes by a copy, and goes by another one' {
        $copy = Copy-BinaryCacheCatalog $catalog $engine
        $copy | Should -BeOfType NixStore.BinaryCacheCatalogCopy
        $copy.Catalog, $copy.Source, $copy.PathCount | Should -Be $engine, $catalog, 4
        $back = Copy-BinaryCacheCatalog -Engine $engine (Join-Path $TestDrive back.catalog)
        $back.RowCount | Should -Be $copy.RowCount
        Get-Text (Find-BinaryCachePath -Catalog $back.Catalog | Sort-Object HashPart) $back.Catalog | Should -Be (Get-Text (Find-BinaryCachePath -Catalog $catalog | Sort-Object HashPart) $catalog)
        (Get-BinaryCacheRoot -Catalog $back.Catalog).HashPart | Should -Be (Get-SampleHashPart 2)
        ($copy | Out-String) | Should -Match 'Paths'
    }

    It 'Is not replaced unless it is told to' {
        (Copy-BinaryCacheCatalog $catalog $engine).PathCount | Should -Be 4 -Because 'it is that copy already'
        $other = (Import-BinaryCacheInventory -BinaryCache $cache -Catalog (Join-Path $TestDrive other.catalog)).Catalog
        { Copy-BinaryCacheCatalog $other $engine -ErrorAction Stop } | Should -Throw -ErrorId 'CatalogExists,NixStore.PowerShell.Commands.CopyBinaryCacheCatalogCommand'
        (Copy-BinaryCacheCatalog $other $engine -Force).PathCount | Should -Be 0
        Copy-BinaryCacheCatalog $catalog $engine -Force -WhatIf | Should -BeNullOrEmpty
        (Copy-BinaryCacheCatalog $catalog $engine -Force).PathCount | Should -Be 4
        { Copy-BinaryCacheCatalog -Engine $engine $engine -ErrorAction Stop } | Should -Throw -ErrorId 'CatalogCopyOntoItself*'
    }

    It 'Answers as one in a folder does' {
        foreach ($question in
            { Find-BinaryCachePath nixos-*.iso, app* -Catalog $args[0] | Sort-Object HashPart },
            { Find-BinaryCachePath -Unreachable -Catalog $args[0] | Sort-Object HashPart },
            { Find-BinaryCachePath -Reachable -System aarch64-* -Catalog $args[0] },
            { Find-BinaryCachePath -Sql 'is_fixed_output(ca) OR nar_size > 100000' -Catalog $args[0] | Sort-Object HashPart },
            { Measure-BinaryCache $args[0] -GroupBy None, Month, System, Kind, Reachability -PriceList Default | Select-Object * -ExcludeProperty EarlyDeletionCost },
            { Get-BinaryCacheOrphan -Catalog $args[0] },
            { Get-BinaryCacheOrphan DanglingReference -PerDay -Catalog $args[0] }) {
            $wanted = Get-Text (& $question $catalog) $catalog
            $wanted | Should -Not -BeNullOrEmpty
            Get-Text (& $question $engine) $engine | Should -Be $wanted
        }
    }

    It 'Is planned from, and the plan is proved by either' {
        $folder = New-BinaryCachePrunePlan (Join-Path $TestDrive folder.plan) -Catalog $catalog -Unreachable -MinimumAge 0s -Author me
        $plan = Find-BinaryCachePath -Unreachable -Engine $engine | New-BinaryCachePrunePlan (Join-Path $TestDrive cluster.plan) -MinimumAge 0s -Author me
        $plan.PathCount, $plan.Catalog | Should -Be $folder.PathCount, $engine
        $plan.Source.Digest | Should -Be $folder.Source.Digest
        $checks = $plan | Test-BinaryCachePrunePlan -Plan (Join-Path $TestDrive cluster.plan) -Certificate (Join-Path $TestDrive certificate.json)
        $checks.IsPassed | Should -Not -Contain $false
        $checks.Catalog | Should -Contain $engine
        Join-Path $TestDrive certificate.sql | Should -Exist
        (Test-BinaryCachePrunePlan (Join-Path $TestDrive cluster.plan) -Catalog $catalog).IsPassed | Should -Not -Contain $false
    }

    It 'Is filled as one in a folder is' {
        $filled = $engine.Replace('/catalog?', '/filled?')
        Update-BinaryCacheCatalog $filled -ErrorAction SilentlyContinue -ErrorVariable missing
        $missing.FullyQualifiedErrorId | Should -Be 'CatalogNotFound,NixStore.PowerShell.Commands.UpdateBinaryCacheCatalogCommand'
        Import-BinaryCacheInventory -BinaryCache $cache -Engine $filled -WhatIf | Should -BeNullOrEmpty
        $inventory = Import-BinaryCacheInventory -BinaryCache $cache -Engine $filled
        $inventory.Catalog, $inventory.ObjectCount | Should -Be $filled, (Get-ChildItem -Recurse -File $cacheDirectory).Count
        $update = $inventory | Update-BinaryCacheCatalog
        $update.ReadCount, $update.RemovedCount | Should -Be 4, 0
        Set-Content (Join-Path $cacheDirectory "$(Get-SampleHashPart 3).narinfo") ((Get-Content (Join-Path $cacheDirectory "$(Get-SampleHashPart 3).narinfo")) -replace 'FileSize: .*', 'FileSize: 7')
        Remove-Item (Join-Path $cacheDirectory "$(Get-SampleHashPart 4).narinfo")
        $again = Import-BinaryCacheInventory -BinaryCache $cache -Engine $filled
        $again.AddedCount, $again.ChangedCount, $again.RemovedCount | Should -Be 0, 1, 1
        $update = $again | Update-BinaryCacheCatalog
        $update.ReadCount, $update.RemovedCount, $update.PathCount | Should -Be 1, 2, 3
        (Find-BinaryCachePath nixos-* -Engine $filled).FileSize | Should -Be 7
    }

    It 'Takes its password from a credential, and never shows it' {
        $locked = $engine.Replace('/catalog?', '/locked?')
        { Copy-BinaryCacheCatalog $catalog "$locked&user=locked&password=wrong" -ErrorAction Stop } | Should -Throw -ErrorId 'ClickHouseAccessDenied*'
        $credential = [pscredential]::new('locked', [Net.NetworkCredential]::new('', 'sesame').SecurePassword)
        (Copy-BinaryCacheCatalog $catalog $locked -Credential $credential).Catalog | Should -Be "$locked&user=locked"
        $found = Find-BinaryCachePath app* -Engine "$locked&user=locked&password=sesame"
        $found.Catalog | Should -Be "$locked&user=locked"
        try {
            $env:CLICKHOUSE_PASSWORD = 'sesame'
            ($found | Find-BinaryCachePath).Count | Should -Be 1
        } finally { Remove-Item env:CLICKHOUSE_PASSWORD }
        Get-BinaryCacheRoot -Catalog "$locked&password=sesame" -ErrorAction SilentlyContinue -ErrorVariable refused
        "$refused" | Should -Not -Match sesame
        $refused.FullyQualifiedErrorId | Should -Match '^CatalogNotInFolder,'
    }

    It 'Is no smaller when a shard is down' {
        $ErrorActionPreference = 'Stop'
        Send-ClickHouseCommand $cluster 'kill 2'
        try {
            foreach ($question in { Find-BinaryCachePath * -Engine $engine }, { Measure-BinaryCache $engine }, { Get-BinaryCacheOrphan -Engine $engine },
                { New-BinaryCachePrunePlan (Join-Path $TestDrive partial.plan) -Engine $engine -Unreachable }, { Copy-BinaryCacheCatalog $engine (Join-Path $TestDrive partial) },
                { Import-BinaryCacheInventory -BinaryCache $cache -Engine $engine }) {
                $failure = $null
                try { & $question } catch { $failure = $_ }
                $failure.FullyQualifiedErrorId | Should -Match '^ClickHouseShardUnavailable,'
                "$failure" | Should -Match 'Shard 2 .*127\.77\.0\.2'
            }
        } finally { Send-ClickHouseCommand $cluster 'start 2' }
        Join-Path $TestDrive partial.plan plan.json | Should -Not -Exist
        (Measure-BinaryCache $engine).PathCount | Should -Be 4
    }

    It 'Gives no half of an answer to what chooses from it' {
        # More than the pipeline holds.
        $full = Join-Path $TestDrive many.catalog
        $many = New-SampleCache (Join-Path $TestDrive many) @(1..400 | ForEach-Object { @{ Name = "path$_-1.0" } })
        $null = Import-BinaryCacheInventory -BinaryCache $many -Catalog $full | Update-BinaryCacheCatalog
        $engineOfMany = $engine.Replace('/catalog?', '/many?')
        (Copy-BinaryCacheCatalog $full $engineOfMany).PathCount | Should -Be 400
        $plan = Join-Path $TestDrive half.plan
        $ErrorActionPreference = 'Continue'
        $state = @{ Taken = 0; IsDown = $false }
        $take = { if ($state.Taken++ -eq 0) { Send-ClickHouseCommand $cluster 'kill 2'; $state.IsDown = $true }; $_ }
        $mend = { if ($state.IsDown) { Send-ClickHouseCommand $cluster 'start 2'; $state.IsDown = $false } }
        foreach ($question in
            { Find-BinaryCachePath -Catalog $engineOfMany | ForEach-Object $take -End $mend | New-BinaryCachePrunePlan $plan -KeepRoots:$false -MinimumAge 0s },
            { Get-BinaryCacheOrphan NarWithoutNarInfo, NarInfoWithoutNar -Catalog $engine | ForEach-Object $take },
            # The first question has more answers than the pipeline holds: the others are not asked before one is taken.
            { Measure-BinaryCache $engineOfMany -GroupBy PackageName, Month, System, Kind | ForEach-Object $take }) {
            $state.Taken, $failure = 0, $null
            try { $null = & $question 2>$null } catch { $failure = $_ } finally { & $mend }
            $state.Taken | Should -BeGreaterThan 0
            $failure.FullyQualifiedErrorId | Should -Match '^ClickHouseShard(Unavailable|Restarted),' -Because "$question"
        }

        $plan | Should -Not -Exist
    }

    It 'Is no folder of a mistyped scheme, and does not show the password in it' {
        $ErrorActionPreference = 'Stop'
        Push-Location (New-Item -ItemType Directory (Join-Path $TestDrive nowhere))
        try {
            foreach ($wrong in 'clickhose://me:sesame@host/catalog?cluster=lab', 'http://me:sesame@host/catalog?password=sesame', 'me:sesame://host/catalog', 'clickhouse:/me:sesame@host/catalog?cluster=lab') {
                foreach ($command in { Measure-BinaryCache $wrong }, { Copy-BinaryCacheCatalog $catalog $wrong }, { Copy-BinaryCacheCatalog $wrong there }, { Import-BinaryCacheInventory -BinaryCache $cache -Engine $wrong },
                    { Update-BinaryCacheCatalog $wrong }, { New-BinaryCachePrunePlan plan -Catalog $wrong -Unreachable }, { Get-BinaryCacheRoot -Catalog $wrong }, { Add-BinaryCacheRoot a -Catalog $wrong }) {
                    $failure = $null
                    try { & $command } catch { $failure = $_ }
                    $failure.FullyQualifiedErrorId | Should -Match '^(CatalogAddressInvalid|ClickHouseAddressInvalid|CatalogNotInFolder),' -Because "$command"
                    "$failure $($failure.TargetObject) $($failure.ErrorDetails.RecommendedAction)" | Should -Not -Match sesame
                }
            }
            Get-ChildItem | Should -BeNullOrEmpty
        } finally { Pop-Location }
    }

    It 'Takes the end of a line off the password of the environment' {
        try {
            $env:CLICKHOUSE_PASSWORD = "sesame`n"
            (Measure-BinaryCache "$($engine.Replace('/catalog?', '/locked?'))&user=locked").PathCount | Should -Be 4
        } finally { Remove-Item env:CLICKHOUSE_PASSWORD }
    }

    It 'Has an address that says what is wrong with it' {
        foreach ($address in 'clickhouse://host', 'clickhouse://host/catalog', 'clickhouse://host/a-b?cluster=c', 'clickhouse://host/a?cluster=c&what=ever', "clickhouse://host/a?cluster='") {
            { Measure-BinaryCache $address -ErrorAction Stop } | Should -Throw -ErrorId 'ClickHouseAddressInvalid*'
        }

        { Measure-BinaryCache $engine.Replace('cluster=lab', 'cluster=other') -ErrorAction Stop } | Should -Throw -ErrorId 'ClickHouseClusterNotFound*'
        { Measure-BinaryCache $engine.Replace('cluster=lab', 'cluster=copied') -ErrorAction Stop } | Should -Throw -ErrorId 'ClickHouseReplicasNotSupported*'
        { Measure-BinaryCache $engine.Replace('cluster=lab', 'cluster=one') -ErrorAction Stop } | Should -Throw -ErrorId 'ClickHouseClusterChanged*'
        { Measure-BinaryCache $engine.Replace('/catalog?', '/nothing?') -ErrorAction Stop } | Should -Throw -ErrorId 'CatalogNotFound*'
    }
}
