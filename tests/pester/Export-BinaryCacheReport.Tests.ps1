BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/catalogs.ps1
    $cache = New-SampleCache (Join-Path $TestDrive cache) @(
        @{ Name = 'hello-2.12'; System = 'x86_64-linux' }
        @{ Name = 'nixos-minimal-23.11.iso'; Size = 100000; Time = [datetime]'2025-06-01T00:00:00Z' }
        @{ Name = 'bad'; Url = '../../<img onerror>' }
    )
    $catalog = Join-Path $TestDrive cache.catalog
    $null = Import-BinaryCacheInventory -Cache $cache -Catalog $catalog
    $null = Update-BinaryCacheCatalog $catalog

    function Get-ReportData([string] $Path) {
        if ((Get-Content -Raw $Path) -match '(?s)id="data">(.*?)</script>') { ConvertFrom-Json $Matches[1] }
    }
}

Describe 'Export-BinaryCacheReport' {
    It 'Writes one file, and says nothing' {
        $path = Join-Path $TestDrive report.html
        Export-BinaryCacheReport $path -Catalog $catalog | Should -BeNullOrEmpty
        $data = Get-ReportData $path
        $data.title | Should -Be "Binary cache $cache"
        $data.total.count, $data.total.size, $data.days.Count | Should -Be 2, 100100, 2
        $data.names.name | Should -Be 'nixos-minimal', 'hello'
        $data.findings.kind | Should -HaveCount 1
        $data.prices | Should -BeNullOrEmpty
        Get-Content -Raw $path | Should -Not -Match '<img onerror|https?://[^"]*\.js"'
    }

    It 'Gives the file with -PassThru, and takes what other cmdlets give' {
        Push-Location $TestDrive
        try {
            $file = Measure-BinaryCache $catalog | Export-BinaryCacheReport passed.html -Title 'Ours & <theirs>' -Top 1 -PriceList Default -PassThru
        }
        finally { Pop-Location }
        $file | Should -BeOfType IO.FileInfo
        $file.FullName | Should -Be (Join-Path $TestDrive passed.html)
        $file.Length | Should -Be (Get-Item $file).Length
        $data = Get-ReportData $file
        $data.title, $data.prices.currency, @($data.names).Count | Should -Be 'Ours & <theirs>', 'USD', 1
        Get-Content -Raw $file | Should -Match '<title>Ours &amp; &lt;theirs&gt;</title>'
    }

    It 'Replaces a file with -Force alone' {
        $path = Join-Path $TestDrive there.html
        Set-Content $path 'there'
        { Export-BinaryCacheReport $path -Catalog $catalog -ErrorAction Stop } | Should -Throw -ErrorId 'ReportExists,NixStore.PowerShell.Commands.ExportBinaryCacheReportCommand'
        Get-Content $path | Should -Be 'there'
        Export-BinaryCacheReport $path -Catalog $catalog -Force
        (Get-ReportData $path).total.count | Should -Be 2
        Get-ChildItem -Force $TestDrive -Filter '.nixstore-*' | Should -BeNullOrEmpty
    }

    It 'Writes nothing with -WhatIf' {
        Export-BinaryCacheReport (Join-Path $TestDrive nothing.html) -Catalog $catalog -WhatIf -PassThru | Should -BeNullOrEmpty
        Join-Path $TestDrive nothing.html | Should -Not -Exist
    }

    It 'Refuses <what>' -ForEach @(
        @{ what = 'a directory'; path = '.'; id = 'ReportPathInvalid' }
        @{ what = 'a directory that is not there'; path = 'nowhere/report.html'; id = 'ReportPathInvalid' }
    ) {
        { Export-BinaryCacheReport (Join-Path $TestDrive $path) -Catalog $catalog -ErrorAction Stop } | Should -Throw -ErrorId "$id,NixStore.PowerShell.Commands.ExportBinaryCacheReportCommand"
    }

    It 'Refuses what is no catalog, and no price list' {
        $path = Join-Path $TestDrive refused.html
        { Export-BinaryCacheReport $path -Catalog $TestDrive -ErrorAction Stop } | Should -Throw -ErrorId 'CatalogNotFound,*'
        { Export-BinaryCacheReport $path -Catalog $catalog -PriceList (Join-Path $TestDrive nowhere.json) -ErrorAction Stop } | Should -Throw -ErrorId 'PriceListNotFound,*'
        $path | Should -Not -Exist
    }
}
