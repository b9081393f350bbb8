# Asks the questions of docs/en-US/about_NixStore_BinaryCaches.md, a pipeline each, of a cache whose answers are known.
BeforeDiscovery {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    $page = Get-Content -Raw (Join-Path $root docs en-US about_NixStore_BinaryCaches.md)
    $named = [regex]::Matches($page, '\b[A-Z][a-z]+-(BinaryCache|Hydra)\w*').Value | Sort-Object -Unique
}

Describe 'about_NixStore_BinaryCaches' -ForEach @{ named = $named } {
    It 'Names commands that there are' {
        $named | Should -Contain 'Export-BinaryCacheReport'
        $named | Where-Object { -not (Get-Command $_ -ErrorAction Ignore) } | Should -BeNullOrEmpty
    }
}

Describe 'The questions of about_NixStore_BinaryCaches' {
    BeforeAll {
        . $PSScriptRoot/common.ps1
        Import-Module $manifest
        . $PSScriptRoot/catalogs.ps1

        # 300 paths on 30 days: every tenth is an image of one of three kinds, every third is called glibc or refers to the one before, every seventh
        # is unknown to Hydra.
        $images = 'nixos-minimal-24.05.iso', 'nixos-sd-image-24.05.img', 'nixos-amazon-image-24.05'
        $narInfos = foreach ($number in 1..300) {
            @{
                Name = $number -eq 1 ? 'glibc-2.40-66' : $number % 10 -eq 0 ? $images[$number / 10 % 3] : "tool-1.$number"
                Size = 1000 + $number
                References = $number -eq 1 ? "$(Get-SampleHashPart 2)-tool-1.2 $(Get-SampleHashPart 3)-tool-1.3" : $number % 50 -eq 0 ? "$(Get-SampleHashPart 1)-glibc-2.40-66" : ''
                Time = [datetime]'2026-01-01T00:00:00Z' + [timespan]::FromDays([Math]::Floor(($number - 1) / 10))
            }
        }
        $cache = New-SampleCache (Join-Path $TestDrive cache) $narInfos
        $catalog = Join-Path $TestDrive cache.catalog
        $null = Import-BinaryCacheInventory -BinaryCache $cache -Catalog $catalog | Update-BinaryCacheCatalog
        $dump = Join-Path $TestDrive outputs.csv
        $names = @($narInfos.ForEach({ $_.Name }))
        Set-Content $dump (1..300).Where({ $_ % 7 }).ForEach({ "$_,1,out,/nix/store/$(Get-SampleHashPart $_)-$($names[$_ - 1])" })
        $null = Import-HydraBuildOutput -Path $dump -Catalog $catalog

        $page = Get-Content -Raw (Join-Path $root docs en-US about_NixStore_BinaryCaches.md)
        $section = [regex]::Match($page, '(?ms)^### Questions\n(.*?)^### ').Groups[1].Value
        $pairs = [regex]::Matches($section, '(?ms)^([^\n`][^`]*?)\n\n```powershell\n(.*?)^```').ForEach{ @{ Question = $_.Groups[1].Value; Command = $_.Groups[2].Value } }
        $blocks = [regex]::Matches($section, '(?ms)^```powershell\n(.*?)^```').ForEach{ $_.Groups[1].Value }
        function Get-Answer([int] $Number) { & ([scriptblock]::Create($blocks[$Number].Replace('./cache.catalog', $catalog))) }
    }

    It 'Knows each with its pipeline' {
        $blocks | Should -HaveCount 7
        $pairs.Question | Should -HaveCount 6
    }

    It 'Knows the size and the number of paths' {
        $all = Get-Answer 0
        $all.PathCount, $all.FileSize | Should -Be 300, (1..300 | ForEach-Object { 1000 + $_ } | Measure-Object -Sum).Sum
    }

    It 'Knows the number and size of images' {
        $found = Get-Answer 1
        $found.Count, $found.Sum | Should -Be 30, ((1..30 | ForEach-Object { 1000 + 10 * $_ } | Measure-Object -Sum).Sum)
    }

    It 'Knows how it grew' { (Get-Answer 2).ForEach({ $_.Group, $_.PathCount }) | Should -Be '2026-01', 300 }

    It 'Knows how many narinfos Hydra knows' { (Get-Answer 3).Sum | Should -Be 300, 42 }

    It 'Knows on which days the others came' {
        $days = Get-Answer 4
        ($days | Measure-Object OrphanCount -Sum).Sum | Should -Be 42
        $days[0].Day, $days[0].Count, $days[0].OrphanCount | Should -Be ([DateOnly]'2026-01-01'), 10, 1
    }

    It 'Knows what a path refers to' { (Get-Answer 5).Name | Sort-Object | Should -Be tool-1.2, tool-1.3 }

    It 'Knows what refers to a path' { (Get-Answer 6).HashPart | Sort-Object | Should -Be (50, 100, 150, 200, 250, 300 | ForEach-Object { Get-SampleHashPart $_ } | Sort-Object) }
}
