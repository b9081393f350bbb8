BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/catalogs.ps1
    $cacheDirectory = Join-Path $TestDrive cache
    $cache = New-SampleCache $cacheDirectory @(
        @{ Name = 'hello-2.10'; System = 'x86_64-linux' }
        @{ Name = 'hello-2.12'; System = 'aarch64-linux'; Time = [datetime]'2025-06-01T00:00:00Z' }
        @{ Name = 'nixos-minimal-23.11.iso'; Size = 100000 }
        @{ Name = 'source'; Fixed = $true; Url = 'nar/1.nar.xz'; Size = 100; Compression = 'zstd' }
        @{ Name = 'bad'; Url = '../../etc/passwd' }
    )
    $catalog = Join-Path $TestDrive cache.catalog
    $inventory = Import-BinaryCacheInventory -BinaryCache $cache -Catalog $catalog
    $update = Update-BinaryCacheCatalog $catalog
}

Describe 'Import-BinaryCacheInventory' {
    It 'Lists a folder' {
        $inventory | Should -BeOfType NixStore.BinaryCacheInventory
        $inventory.ObjectCount | Should -Be (Get-ChildItem -Recurse -File $cacheDirectory).Count
        $inventory.Catalog, $inventory.Cache | Should -Be $catalog, $cache
        $inventory.AddedCount | Should -BeNullOrEmpty
    }

    It 'Says what has changed since' {
        $copy = New-SampleCache (Join-Path $TestDrive other) @(@{ Name = 'a' }, @{ Name = 'b' })
        $other = Join-Path $TestDrive other.catalog
        $null = Import-BinaryCacheInventory -BinaryCache $copy -Catalog $other
        Remove-Item (Join-Path $TestDrive other "$(Get-SampleHashPart 1).narinfo")
        Set-Content (Join-Path $TestDrive other "$(Get-SampleHashPart 2).narinfo") 'other'
        Set-Content (Join-Path $TestDrive other "$(Get-SampleHashPart 3).narinfo") 'new'
        $again = Import-BinaryCacheInventory -BinaryCache $copy -Catalog $other
        $again.AddedCount, $again.ChangedCount, $again.RemovedCount | Should -Be 1, 1, 1
    }

    It 'Reads a report of S3, and knows it the next time' {
        $reports = New-Item -ItemType Directory (Join-Path $TestDrive report/data)
        $gzip = [IO.Compression.GZipStream]::new([IO.File]::Create("$reports/1.csv.gz"), [IO.Compression.CompressionMode]::Compress)
        $gzip.Write([Text.Encoding]::UTF8.GetBytes("`"b`",`"log/gtk%2B.drv`",`"5`",`"2026-01-01T00:00:00.000Z`"`n"))
        $gzip.Dispose()
        $file = Get-Item "$reports/1.csv.gz"
        @{ sourceBucket = 'b'; destinationBucket = 'arn:aws:s3:::i'; version = '2016-11-30'; creationTimestamp = '1767661980000'; fileFormat = 'CSV'
            fileSchema = 'Bucket, Key, Size, LastModifiedDate'; files = @(@{ key = 'x/data/1.csv.gz'; size = $file.Length; MD5checksum = [Convert]::ToHexString([Security.Cryptography.MD5]::HashData([IO.File]::ReadAllBytes($file))) })
        } | ConvertTo-Json -Depth 4 | Set-Content (Join-Path $TestDrive report manifest.json)
        $target = Join-Path $TestDrive report.catalog
        $result = Get-Item (Join-Path $TestDrive report manifest.json) | Import-BinaryCacheInventory -Catalog $target -BinaryCache https://cache.example
        $result.ObjectCount, $result.Cache, $result.Created.Year | Should -Be 1, 'https://cache.example', 2026
        (Measure-BinaryCache $target -GroupBy Kind).Group | Should -Be 'Log'
        Import-BinaryCacheInventory (Join-Path $TestDrive report) -Catalog $target | Should -BeNullOrEmpty
        Set-Content "$reports/1.csv.gz" 'damaged'
        Remove-Item -Recurse $target
        { Import-BinaryCacheInventory (Join-Path $TestDrive report) -Catalog $target -ErrorAction Stop } |
            Should -Throw -ErrorId 'InventoryFileCorrupt,NixStore.PowerShell.Commands.ImportBinaryCacheInventoryCommand'
    }

    It 'Makes nothing with -WhatIf' {
        Import-BinaryCacheInventory -BinaryCache $cache -Catalog (Join-Path $TestDrive nothing.catalog) -WhatIf | Should -BeNullOrEmpty
        Join-Path $TestDrive nothing.catalog | Should -Not -Exist
    }

    It 'Refuses what cannot be listed or read' {
        { Import-BinaryCacheInventory (Join-Path $TestDrive nowhere) -Catalog $catalog -ErrorAction Stop } |
            Should -Throw -ErrorId 'InventoryNotFound,NixStore.PowerShell.Commands.ImportBinaryCacheInventoryCommand'
        { Import-BinaryCacheInventory -BinaryCache "file://$cacheDirectory" -Catalog $cacheDirectory -ErrorAction Stop } |
            Should -Throw -ErrorId 'CatalogFolderNotEmpty,NixStore.PowerShell.Commands.ImportBinaryCacheInventoryCommand'
    }
}

Describe 'Update-BinaryCacheCatalog' {
    It 'Reads the narinfos of a folder, and what is wrong becomes a finding' {
        $update | Should -BeOfType NixStore.BinaryCacheUpdate
        $update.PathCount, $update.ReadCount, $update.RemovedCount, $update.FindingCount | Should -Be 4, 4, 0, 1
    }

    It 'Has nothing to do the next time' {
        $again = Update-BinaryCacheCatalog $catalog
        $again.PathCount, $again.ReadCount, $again.FindingCount | Should -Be 4, 0, 0
    }

    It 'Takes the narinfos of a dataset' {
        $target = Join-Path $TestDrive dataset.catalog
        $result = Update-BinaryCacheCatalog $target -Dataset (Get-Item (Join-Path $catalog narinfos *.parquet))
        $result.PathCount | Should -Be 4
        (Find-BinaryCachePath -Catalog $target).Path | Sort-Object | Should -Be ((Find-BinaryCachePath -Catalog $catalog).Path | Sort-Object)
    }

    It 'Changes nothing with -WhatIf' {
        $target = Join-Path $TestDrive whatif.catalog
        $null = Import-BinaryCacheInventory -BinaryCache $cache -Catalog $target
        Update-BinaryCacheCatalog $target -WhatIf | Should -BeNullOrEmpty
        (Measure-BinaryCache $target).PathCount | Should -Be 0
    }

    It 'Refuses a catalog that knows nothing, and says what to do' {
        $target = Join-Path $TestDrive empty.catalog
        { Update-BinaryCacheCatalog $target -ErrorAction Stop } | Should -Throw -ErrorId 'CatalogNotFound,NixStore.PowerShell.Commands.UpdateBinaryCacheCatalogCommand'
        { Update-BinaryCacheCatalog $target -Dataset (Join-Path $TestDrive nowhere.parquet) -ErrorAction Stop } |
            Should -Throw -ErrorId 'DatasetNotFound,NixStore.PowerShell.Commands.UpdateBinaryCacheCatalogCommand'
        { Update-BinaryCacheCatalog $target -BinaryCache $cache -ErrorAction Stop } | Should -Throw -ErrorId 'CatalogHasNoInventory,NixStore.PowerShell.Commands.UpdateBinaryCacheCatalogCommand'
        { Update-BinaryCacheCatalog $target -ErrorAction Stop } | Should -Throw -ErrorId 'CacheNotKnown,NixStore.PowerShell.Commands.UpdateBinaryCacheCatalogCommand'
    }
}

Describe 'Find-BinaryCachePath' {
    It 'Finds by <name>' -ForEach @(
        @{ name = 'name'; parameters = @{ Name = 'nixos-*.iso' }; expected = 'nixos-minimal-23.11.iso' }
        @{ name = 'names'; parameters = @{ Name = 'source', '*.iso' }; expected = 'nixos-minimal-23.11.iso', 'source' }
        @{ name = 'package'; parameters = @{ PackageName = 'hello' }; expected = 'hello-2.10', 'hello-2.12' }
        @{ name = 'version'; parameters = @{ Version = '2.1[2-9]' }; expected = 'hello-2.12' }
        @{ name = 'system'; parameters = @{ System = 'aarch64-*' }; expected = 'hello-2.12' }
        @{ name = 'size'; parameters = @{ MinimumSize = 50KB }; expected = 'nixos-minimal-23.11.iso' }
        @{ name = 'sizes'; parameters = @{ MinimumSize = 101; MaximumSize = 200 }; expected = 'hello-2.12' }
        @{ name = 'time'; parameters = @{ Before = '2026-01-01' }; expected = 'hello-2.12' }
        @{ name = 'later time'; parameters = @{ After = [datetime]'2026-01-01Z'; PackageName = 'hello' }; expected = 'hello-2.10' }
        @{ name = 'fixed output'; parameters = @{ FixedOutput = $true }; expected = 'source' }
        @{ name = 'hash part'; parameters = @{ HashPart = 'a0001000000000000000000000000000' }; expected = 'hello-2.10' }
        @{ name = 'SQL'; parameters = @{ Sql = "nar_size > 4 * 150 AND ca IS NULL" }; expected = 'hello-2.12', 'nixos-minimal-23.11.iso' }
        @{ name = 'nothing'; parameters = @{ Name = 'HELLO-*' }; expected = @() }
    ) {
        @(Find-BinaryCachePath -Catalog $catalog @parameters).Name | Sort-Object | Should -Be $expected
    }

    It 'Gives all that the narinfo says' {
        $path = Find-BinaryCachePath hello-2.10 -Catalog $catalog
        $path | Should -BeOfType NixStore.BinaryCacheCatalogPath
        $path.Path | Should -Be "/nix/store/$(Get-SampleHashPart 1)-hello-2.10"
        $path.PackageName, $path.Version, $path.System, $path.FileSize, $path.NarSize | Should -Be 'hello', '2.10', 'x86_64-linux', 100, 400
        $path.LastModified | Should -Be ([datetimeoffset]'2026-01-06T01:13:00Z')
    }

    It 'Takes the catalog, and hash parts, from what other cmdlets give' {
        (Find-BinaryCachePath source -Catalog $catalog | Find-BinaryCachePath).Name | Should -Be 'source'
        ($update | Find-BinaryCachePath -PackageName hello).Name | Sort-Object | Should -Be 'hello-2.10', 'hello-2.12'
    }

    It 'Ends when no more is wanted' {
        Find-BinaryCachePath -Catalog $catalog | Select-Object -First 1 | Should -HaveCount 1
    }

    It 'Says what is wrong with SQL' {
        { Find-BinaryCachePath -Catalog $catalog -Sql 'nowhere = 1' -ErrorAction Stop } |
            Should -Throw -ErrorId 'CatalogQueryInvalid,NixStore.PowerShell.Commands.FindBinaryCachePathCommand' -ExpectedMessage '*nowhere*'
    }

    It 'Is shown with size, day and path' {
        Find-BinaryCachePath '*.iso' -Catalog $catalog | Out-String -Width 200 | Should -Match '97.7 KiB\s+2026-01-06\s+/nix/store/a0+30+-nixos-minimal-23.11.iso'
    }
}

Describe 'Measure-BinaryCache' {
    It 'Counts each NAR once' {
        $measure = Measure-BinaryCache $catalog
        $measure | Should -BeOfType NixStore.BinaryCacheMeasure
        $measure.PathCount, $measure.NarCount, $measure.FileSize, $measure.NarSize | Should -Be 4, 3, (100 + 200 + 100000), (4 * (100 + 200 + 100000 + 100))
    }

    It 'Makes groups by <by>' -ForEach @(
        @{ by = 'Month'; groups = '2025-06', '2026-01' }
        @{ by = 'PackageName'; groups = 'hello', 'nixos-minimal', 'source' }
        @{ by = 'System'; groups = '', 'aarch64-linux', 'x86_64-linux' }
        @{ by = 'Compression'; groups = 'xz', 'zstd' }
        @{ by = 'Kind'; groups = 'CacheInfo', 'Nar', 'NarInfo' }
        @{ by = 'StorageClass'; groups = '' }
    ) {
        $measures = Measure-BinaryCache $catalog -GroupBy $by
        $measures.Group | Sort-Object | Should -Be $groups
        $measures.GroupBy | Should -Be (@($by) * @($groups).Count)
    }

    It 'Answers the questions by one pipeline each' {
        ($catalog | Measure-BinaryCache).FileSize | Should -Be 100300
        $images = Find-BinaryCachePath 'nixos-*.iso', 'nixos-*.img', 'nixos-amazon-image-*' -Catalog $catalog | Measure-Object FileSize -Sum
        $images.Count, $images.Sum | Should -Be 1, 100000
    }

    It 'Refuses what is no catalog' {
        { Measure-BinaryCache $TestDrive -ErrorAction Stop } | Should -Throw -ErrorId 'CatalogNotFound,NixStore.PowerShell.Commands.MeasureBinaryCacheCommand'
    }

    It 'Leaves costs out unless there is a price list' {
        (Measure-BinaryCache $catalog).StorageCostPerMonth, (Measure-BinaryCache $catalog).Currency | Should -Be $null, $null
    }

    It 'Says what it costs by a list of one''s own' {
        $list = Join-Path $TestDrive prices.json
        @{ name = 'Ours'; date = '2026-01-01'; currency = 'EUR'; listPer1000 = 1; deletePer1000 = 2
            storageClasses = @{ STANDARD = @{ storage = @(@{ perGiBMonth = 1024 * 1024 * 1024 / 100 }); getPer1000 = 500; minimumDays = 3000 } }
        } | ConvertTo-Json -Depth 6 | Set-Content $list
        # A byte is a hundredth: NARs of 100, 200 and 100,000 bytes. One request lists, seven objects go, four narinfos are read.
        $measure = Measure-BinaryCache $catalog -PriceList $list
        $measure.StorageCostPerMonth, $measure.RequestCost, $measure.ReadCost, $measure.Currency, "$($measure.CostBasis)" | Should -Be 1003, 0.015, 2, 'EUR', 'Objects'
        $measure.EarlyDeletionCost | Should -BeGreaterThan 1003
        $measure | Out-String -Width 200 | Should -Match '1[.,]003[.,]00 EUR'
        (Measure-BinaryCache $catalog -PriceList $list -GroupBy Month).StorageCostPerMonth | Should -Be 2, 1001
    }

    It 'Knows the prices of AWS' {
        (Measure-BinaryCache $catalog -PriceList Default -GroupBy StorageClass).Currency | Should -Be USD
    }

    It 'Says which field of a list is wrong' {
        Set-Content (Join-Path $TestDrive wrong.json) '{ "name": "x", "date": "2026-01-01", "currency": "USD", "storageClasses": { "STANDARD": { "storage": [ { "perGiBMonth": "a" } ] } } }'
        { Measure-BinaryCache $catalog -PriceList (Join-Path $TestDrive wrong.json) -ErrorAction Stop } |
            Should -Throw -ErrorId 'PriceListInvalid,NixStore.PowerShell.Commands.MeasureBinaryCacheCommand' -ExpectedMessage '*storageClasses.STANDARD.storage`[0`].perGiBMonth*'
    }

    It 'Gives no half of an answer when a file of it is damaged' {
        $damaged = Join-Path $TestDrive damaged.catalog
        Copy-Item -Recurse $catalog $damaged
        foreach ($file in Get-ChildItem (Join-Path $damaged narinfos *.parquet)) {
            # What says where things are is at its end.
            $bytes = [IO.File]::ReadAllBytes($file)
            for ($at = 4; $at -lt $bytes.Length / 3; $at++) { $bytes[$at] = 255 }
            [IO.File]::WriteAllBytes($file, $bytes)
        }
        $ErrorActionPreference = 'Continue'
        foreach ($question in { Find-BinaryCachePath -Catalog $damaged | New-BinaryCachePrunePlan (Join-Path $TestDrive damaged.plan) }, { Measure-BinaryCache $damaged -GroupBy Kind, Month }) {
            $failure = $null
            try { $null = & $question 2>$null } catch { $failure = $_ }
            $failure.FullyQualifiedErrorId | Should -Match '^Catalog(FileUnreadable|QueryFailed),NixStore.PowerShell.Commands.(FindBinaryCachePath|MeasureBinaryCache)Command' -Because "$question"
        }
    }
}
