BeforeAll {
    . $PSScriptRoot/common.ps1
    Import-Module $manifest
    . $PSScriptRoot/catalogs.ps1
    . $PSScriptRoot/hydra.ps1
    $catalog = New-SampleCatalog logs
    $logs = (New-Item -ItemType Directory (Join-Path $TestDrive logs)).FullName
    Set-Content (Join-Path $logs a.log) "127.0.0.1 - - [10/Oct/2026:13:55:36 +0000] `"GET /$(Get-SampleHashPart 1).narinfo HTTP/1.1`" 200 1", 'garbage'
    Set-Content (Join-Path $logs b.log) '{"timestamp":"2026-11-01T00:00:00Z","url":"/nar/1.nar.xz","status":200}', '{"timestamp":"2026-11-01T00:00:00Z","url":"/nar/x.nar.xz","status":200}'
}

Describe 'Import-BinaryCacheAccessLog' {
    It 'Makes nothing with -WhatIf, then reads a folder, then knows it' {
        Import-BinaryCacheAccessLog $logs -Catalog $catalog -WhatIf | Should -BeNullOrEmpty
        $import = Import-BinaryCacheAccessLog $logs -Catalog $catalog
        $import | Should -BeOfType NixStore.BinaryCacheAccessLogImport
        $import.FileCount, $import.LineCount, $import.RequestCount, $import.UnknownNarCount, $import.UnreadableCount, $import.PathCount | Should -Be 2, 4, 3, 1, 1, 1
        $import | Out-String | Should -Match 'Unknown NARs'
        $import = Get-ChildItem $logs | Import-BinaryCacheAccessLog -Catalog $catalog
        $import.FileCount, $import.KnownFileCount, $import.PathCount | Should -Be 0, 2, 1
    }

    It 'Is there for conditions' {
        (Find-BinaryCachePath -Catalog $catalog -Sql "hash NOT IN (SELECT hash FROM downloads)").Name | Sort-Object | Should -Be 'app-1.0', 'tool-1.0'
        (Find-BinaryCachePath -Catalog $catalog -Sql "hash IN (SELECT hash FROM downloads WHERE last_download >= '2026-11-01' AND count = 2 AND nar_count = 1)").Name | Should -Be 'lib-1.0'
    }

    It 'Makes an error record of a log that is not there, and warns without narinfos' {
        $other = Join-Path $TestDrive other.catalog
        $import = Import-BinaryCacheAccessLog (Join-Path $logs a.log), (Join-Path $logs absent) -Catalog $other -ErrorVariable failures -ErrorAction SilentlyContinue -WarningVariable warned -WarningAction SilentlyContinue
        $import.FileCount, $import.PathCount | Should -Be 1, 1
        $failures.FullyQualifiedErrorId | Should -Be 'AccessLogUnreadable,NixStore.PowerShell.Commands.ImportBinaryCacheAccessLogCommand'
        $warned | Should -HaveCount 1
    }
}
