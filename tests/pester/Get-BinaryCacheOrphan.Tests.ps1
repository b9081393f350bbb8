BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/catalogs.ps1
    . $PSScriptRoot/hydra.ps1
    $catalog = New-SampleCatalog orphans
    $dump = Join-Path $TestDrive outputs.csv
    Set-Content $dump "1,1,out,/nix/store/$(Get-SampleHashPart 1)-lib-1.0`n1,2,out,/nix/store/$(Get-SampleHashPart 3)-tool-1.0"
    $null = Import-HydraBuildOutput -Path $dump -Catalog $catalog
}

Describe 'Get-BinaryCacheOrphan' {
    It 'Gives each kind' {
        $orphan = Get-BinaryCacheOrphan UnknownToHydra -Catalog $catalog
        $orphan | Should -BeOfType NixStore.BinaryCacheOrphan
        $orphan.Path, $orphan.Size | Should -Be "/nix/store/$(Get-SampleHashPart 2)-app-1.0", 200
        $orphan = Get-BinaryCacheOrphan NarWithoutNarInfo -Catalog $catalog
        $orphan.Key, $orphan.Size, $orphan.Path | Should -Be 'nar/nobody.nar.xz', 10, $null
        (Get-BinaryCacheOrphan NarInfoWithoutNar -Catalog $catalog).Missing | Should -Be 'nar/3.nar.xz'
        $orphan = Get-BinaryCacheOrphan DanglingReference -Catalog $catalog
        $orphan.HashPart, $orphan.Missing | Should -Be (Get-SampleHashPart 2), (Get-SampleHashPart 9)
    }

    It 'Gives all of them unless told otherwise' {
        [pscustomobject]@{ Catalog = $catalog } | Get-BinaryCacheOrphan | ForEach-Object { "$($_.Kind)" } |
            Should -Be UnknownToHydra, NarWithoutNarInfo, NarInfoWithoutNar, DanglingReference
    }

    It 'Counts per day' {
        $days = Get-BinaryCacheOrphan UnknownToHydra -PerDay -Catalog $catalog
        $days | Should -BeOfType NixStore.BinaryCacheOrphanDay
        $days.Day | Should -Be ([DateOnly]'2026-01-01'), ([DateOnly]'2026-01-02')
        $days.ForEach({ $_.Count }) | Should -Be 1, 2
        $days.ForEach({ $_.OrphanCount }) | Should -Be 0, 1
        $days[1].OrphanPercent | Should -Be 50
    }

    It 'Filters by time' {
        Get-BinaryCacheOrphan UnknownToHydra -Catalog $catalog -Before 2026-01-02 | Should -BeNullOrEmpty
        Get-BinaryCacheOrphan UnknownToHydra -Catalog $catalog -After 2026-01-02 | Should -HaveCount 1
    }

    It 'Warns of NARs whose narinfos were not read' {
        $directory = Join-Path $TestDrive unread
        $cache = New-SampleCache $directory @(@{ Name = 'a' }, @{ Name = 'b'; Text = 'nonsense' })
        $other = Join-Path $TestDrive unread.catalog
        $null = Import-BinaryCacheInventory -BinaryCache $cache -Catalog $other
        $null = Update-BinaryCacheCatalog $other
        Get-BinaryCacheOrphan NarWithoutNarInfo -Catalog $other -WarningVariable warned -WarningAction SilentlyContinue | Should -HaveCount 1
        $warned | Should -Match '^1 narinfos'
    }

    It 'Says which table is missing' {
        $other = New-SampleCatalog bare
        { Get-BinaryCacheOrphan UnknownToHydra -Catalog $other -ErrorAction Stop } |
            Should -Throw -ErrorId 'CatalogTableEmpty,NixStore.PowerShell.Commands.GetBinaryCacheOrphanCommand'
        (Get-BinaryCacheOrphan -Catalog $other).Kind | Should -Not -Contain UnknownToHydra
    }

    It 'Has views' {
        Get-BinaryCacheOrphan UnknownToHydra -PerDay -Catalog $catalog | Out-String | Should -Match '2026-01-02 +2 +1 +50[.,]00'
        Get-BinaryCacheOrphan DanglingReference -Catalog $catalog | Out-String -Width 200 | Should -Match "$(Get-SampleHashPart 9) .*app-1\.0"
    }
}
